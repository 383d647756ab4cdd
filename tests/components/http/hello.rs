//! Answers with a greeting, which a provider makes: `/` greets the world, and
//! `/Ada` greets Ada.

use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{
    Fields, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam,
};

mod bindings {
    wit_bindgen::generate!({
        inline: r#"
            package http:app@0.1.0;

            world hello { import hello:greeter/greet@0.1.0; }

            package hello:greeter@0.1.0 {
                interface greet {
                    /// Addresses someone.
                    greet: func(salutation: string, name: string) -> string;
                }
            }
        "#,
        generate_all,
    });
}
use bindings::hello::greeter::greet::greet;

struct Hello;

impl Guest for Hello {
    fn handle(request: IncomingRequest, outparam: ResponseOutparam) {
        let path = request.path_with_query().unwrap_or_default();
        let name = path.trim_start_matches('/');
        let (status, text) = match (request.method(), name) {
            (Method::Get, "") => (200, greet("Hello", "world")),
            (Method::Get, name) => (200, greet("Hello", name)),
            _ => (405, "only GET is answered".to_string()),
        };
        answer(outparam, status, &format!("{text}\n"));
    }
}

fn answer(outparam: ResponseOutparam, status: u16, text: &str) {
    let headers = Fields::new();
    let length = text.len().to_string();
    headers
        .append("content-length", length.as_bytes())
        .expect("a length is a header");
    let response = OutgoingResponse::new(headers);
    response.set_status_code(status).expect("a status");
    let body = response.body().expect("its only body");
    ResponseOutparam::set(outparam, Ok(response));
    let stream = body.write().expect("its only stream");
    // A client that is gone needs nothing more.
    let _ = stream.blocking_write_and_flush(text.as_bytes());
    drop(stream);
    let _ = OutgoingBody::finish(body, None);
}

wasip2::http::proxy::export!(Hello);

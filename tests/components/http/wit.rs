//! As much of WASI 0.3 as a guest that answers HTTP uses.

pub mod bindings {
    wit_bindgen::generate!({
        inline: r#"
            package http:three@0.1.0;

            world three {
                import wasi:clocks/monotonic-clock@0.3.0;
                export wasi:http/handler@0.3.0;
            }

            package wasi:clocks@0.3.0 {
                interface monotonic-clock { wait-for: async func(how-long: u64); }
            }

            package wasi:http@0.3.0 {
                interface types {
                    record DNS-error-payload {
                        rcode: option<string>, info-code: option<u16>,
                    }
                    record TLS-alert-received-payload {
                        alert-id: option<u8>, alert-message: option<string>,
                    }
                    record field-size-payload {
                        field-name: option<string>, field-size: option<u32>,
                    }
                    variant error-code {
                        DNS-timeout,
                        DNS-error(DNS-error-payload),
                        destination-not-found,
                        destination-unavailable,
                        destination-IP-prohibited,
                        destination-IP-unroutable,
                        connection-refused,
                        connection-terminated,
                        connection-timeout,
                        connection-read-timeout,
                        connection-write-timeout,
                        connection-limit-reached,
                        TLS-protocol-error,
                        TLS-certificate-error,
                        TLS-alert-received(TLS-alert-received-payload),
                        HTTP-request-denied,
                        HTTP-request-length-required,
                        HTTP-request-body-size(option<u64>),
                        HTTP-request-method-invalid,
                        HTTP-request-URI-invalid,
                        HTTP-request-URI-too-long,
                        HTTP-request-header-section-size(option<u32>),
                        HTTP-request-header-size(option<field-size-payload>),
                        HTTP-request-trailer-section-size(option<u32>),
                        HTTP-request-trailer-size(field-size-payload),
                        HTTP-response-incomplete,
                        HTTP-response-header-section-size(option<u32>),
                        HTTP-response-header-size(field-size-payload),
                        HTTP-response-body-size(option<u64>),
                        HTTP-response-trailer-section-size(option<u32>),
                        HTTP-response-trailer-size(field-size-payload),
                        HTTP-response-transfer-coding(option<string>),
                        HTTP-response-content-coding(option<string>),
                        HTTP-response-timeout,
                        HTTP-upgrade-failed,
                        HTTP-protocol-error,
                        loop-detected,
                        configuration-error,
                        internal-error(option<string>),
                    }
                    resource fields { constructor(); }
                    resource request {
                        get-path-with-query: func() -> option<string>;
                        consume-body: static func(
                            this: request,
                            res: future<result<_, error-code>>,
                        ) -> tuple<stream<u8>, future<result<option<fields>, error-code>>>;
                    }
                    resource response {
                        new: static func(
                            headers: fields,
                            contents: option<stream<u8>>,
                            trailers: future<result<option<fields>, error-code>>,
                        ) -> tuple<response, future<result<_, error-code>>>;
                    }
                }
                interface handler {
                    use types.{request, response, error-code};
                    handle: async func(request: request) -> result<response, error-code>;
                }
            }
        "#,
        world: "three",
        generate_all,
    });
}

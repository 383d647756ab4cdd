//! The files that make the folder an OCI image layout.

use std::sync::Arc;

use crate::error::Error;
use crate::folder::Folder;
use crate::temporary;

const FILES: [(&str, &str); 2] = [
    ("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}\n"),
    (
        "index.json",
        "{\"schemaVersion\":2,\
         \"mediaType\":\"application/vnd.oci.image.index.v1+json\",\
         \"manifests\":[]}\n",
    ),
];

/// Writes what is missing, by way of a folder for temporary files; what another
/// tool wrote stays as it is.
pub fn complete(root: &Folder, made_in: &Arc<Folder>) -> Result<(), Error> {
    for (name, content) in FILES {
        if root.file(name)?.is_none() {
            temporary::write(root, made_in, name, content.as_bytes())?;
        }
    }
    Ok(())
}

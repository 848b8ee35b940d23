//! TLS, with a certificate that the emulator makes itself.
//!
//! It is a self-signed RSA certificate. The C++ server SDK accepts it unchecked, the Go one if `SSL_CERT_FILE` names
//! it. There is one for the whole program, because making one takes a noticeable time.

use std::{
    collections::BTreeSet,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::OnceCell;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer},
    },
};

/// The names in the certificate.
const NAMES: [&str; 4] = ["localhost", "127.0.0.1", "::1", "gamelift-emulator"];

/// The names that [`certify`] has added.
static MORE_NAMES: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Adds another host name or IP address to the certificate. Must be called before the first TLS connection. Invalid
/// names are left out.
pub fn certify(name: &str) {
    if rcgen::CertificateParams::new(vec![name.to_owned()]).is_err() {
        tracing::warn!(name, "the certificate cannot have this name");
        return;
    }
    MORE_NAMES.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
}

/// Returns all names, each once.
fn names() -> Vec<String> {
    let mut names = MORE_NAMES.lock().unwrap_or_else(PoisonError::into_inner).clone();
    names.extend(NAMES.iter().map(|&name| name.to_owned()));
    names.into_iter().collect()
}

struct Identity {
    acceptor: TlsAcceptor,
    certificate_pem: String,
}

static IDENTITY: OnceCell<Identity> = OnceCell::const_new();

async fn identity() -> io::Result<&'static Identity> {
    IDENTITY
        .get_or_try_init(|| async {
            // Making a certificate takes hundreds of milliseconds of CPU time.
            tokio::task::spawn_blocking(make).await.map_err(io::Error::other)?
        })
        .await
}

/// Returns the acceptor of TLS connections, 1.2 and 1.3.
pub(crate) async fn acceptor() -> io::Result<TlsAcceptor> {
    Ok(identity().await?.acceptor.clone())
}

/// Returns the certificate of TLS connections as PEM, for clients that check it (`SSL_CERT_FILE`). Each process makes a
/// new one, at its first use.
///
/// # Errors
/// The certificate cannot be made.
pub async fn certificate_pem() -> io::Result<String> {
    Ok(identity().await?.certificate_pem.clone())
}

fn make() -> io::Result<Identity> {
    let key = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048)
        .map_err(io::Error::other)?;
    let certificate = rcgen::CertificateParams::new(names())
        .and_then(|mut parameters| {
            parameters.distinguished_name.push(rcgen::DnType::CommonName, "gamelift-emulator");
            parameters.self_signed(&key)
        })
        .map_err(io::Error::other)?;
    let private_key = PrivateKeyDer::try_from(key.serialize_der()).map_err(io::Error::other)?;
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            let chain = vec![CertificateDer::from(certificate.der().to_vec())];
            builder.with_no_client_auth().with_single_cert(chain, private_key)
        })
        .map_err(io::Error::other)?;
    Ok(Identity { acceptor: TlsAcceptor::from(Arc::new(config)), certificate_pem: certificate.pem() })
}

#[cfg(test)]
mod tests {
    use tokio_rustls::rustls::pki_types::pem::PemObject;

    use super::*;

    #[test]
    fn the_certificate_is_good_for_names_that_are_added() {
        for name in ["game.example", "192.0.2.7", "localhost", "no n\u{e4}me"] {
            certify(name);
        }
        let names = names();
        for name in NAMES.into_iter().chain(["game.example", "192.0.2.7"]) {
            assert_eq!(names.iter().filter(|known| *known == name).count(), 1, "{name}");
        }
        assert!(!names.iter().any(|name| name.starts_with("no ")));
        let pem = make().unwrap().certificate_pem;
        let der = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
        let contains = |bytes: &[u8]| der.windows(bytes.len()).any(|window| window == bytes);
        assert!(contains(b"game.example") && contains(&[192, 0, 2, 7]));
    }
}

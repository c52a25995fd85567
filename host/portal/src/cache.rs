//! What is made once for each set of installed plugins.

use crate::openapi;
use crate::town::Town;
use crate::words::Words;
use bytes::Bytes;
use changzhi_model::Manifest;
use parking_lot::RwLock;
use std::sync::Arc;

pub(crate) struct Made {
    manifests: Vec<Arc<Manifest>>,
    pub(crate) words: Words,
    pub(crate) openapi: Bytes,
}

impl Made {
    pub(crate) fn manifests(&self) -> &[Arc<Manifest>] {
        &self.manifests
    }
}

pub(crate) struct Cache(RwLock<Option<Arc<Made>>>);

impl Cache {
    pub(crate) fn new() -> Cache {
        Cache(RwLock::new(None))
    }

    pub(crate) fn get(&self, town: &dyn Town) -> Arc<Made> {
        let manifests = town.manifests();
        if let Some(made) = self.0.read().as_ref()
            && made.manifests.len() == manifests.len()
            && made.manifests.iter().zip(&manifests).all(|(a, b)| Arc::ptr_eq(a, b))
        {
            return Arc::clone(made);
        }
        let openapi = openapi::document(&manifests);
        let made =
            Arc::new(Made { words: Words::of(&manifests), openapi: Bytes::from(openapi.to_string()), manifests });
        *self.0.write() = Some(Arc::clone(&made));
        made
    }
}

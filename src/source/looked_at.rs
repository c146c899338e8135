//! Where on the disk was looked, for whoever waits until something changes there. Off until somebody asks for it; what was
//! found there is not kept.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Whether anything is kept. It holds for the whole program: loading reads on threads of its own.
static KEPT: AtomicBool = AtomicBool::new(false);

static PATHS: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// From now on all paths are kept that [`super::disk`] opens or lists, there or not.
pub fn keep() {
    KEPT.store(true, Ordering::Relaxed);
}

/// The paths since [`keep`] or since this was asked last, as they were asked for.
#[must_use]
pub fn take() -> BTreeSet<PathBuf> {
    std::mem::take(&mut *PATHS.lock().unwrap_or_else(PoisonError::into_inner))
}

pub(super) fn note(path: &Path) {
    if KEPT.load(Ordering::Relaxed) && path != Path::new("-") {
        PATHS.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned());
    }
}

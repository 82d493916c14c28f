package dev.portcullis.unit.observe;

/// What is invalidated, and how much of it.
///
/// @vtd 6.5 Invalidation of Translation Caches
public enum InvalidationKind {
  CONTEXT_GLOBAL,
  CONTEXT_DOMAIN,
  CONTEXT_DEVICE,
  IOTLB_GLOBAL,
  IOTLB_DOMAIN,
  IOTLB_PAGES
}

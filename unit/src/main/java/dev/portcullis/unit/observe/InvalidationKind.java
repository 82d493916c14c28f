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
  IOTLB_PAGES,
  PASID_GLOBAL,
  PASID_DOMAIN,
  PASID_SELECTIVE,
  PASID_IOTLB,
  PASID_IOTLB_PAGES,
  PERMISSION_GLOBAL,
  PERMISSION_DOMAIN,
  PERMISSION_PAGES,
  INTERRUPT_GLOBAL,
  INTERRUPT_INDEX
}

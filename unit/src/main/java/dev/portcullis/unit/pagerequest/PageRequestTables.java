package dev.portcullis.unit.pagerequest;

import dev.portcullis.pci.PageRequest;
import java.util.Optional;

/// What the tables say of a function that asks for a page.
@FunctionalInterface
public interface PageRequestTables {

  /// How the function's requests are translated, which tells what of them may be cached.
  enum Stages {
    /// A first stage alone.
    FIRST,
    /// A second stage alone, or none.
    SECOND,
    /// Both.
    NESTED
  }

  /// @param domain domain-id of the PASID entry
  /// @param pasid PASID of the request, or the one requests without PASID use
  record Target(Stages stages, int domain, int pasid) {}

  /// Root, context, PASID directory and PASID entry of the request, checked.
  ///
  /// @return empty if one of them refuses the request; then that has been recorded
  /// @vtd 7.1.3 Fault Conditions and Remapping Hardware Behavior for Various Requests
  Optional<Target> lookup(int sourceId, PageRequest request);
}

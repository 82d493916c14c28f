package dev.portcullis.devices.dma;

import dev.portcullis.devices.atc.PageRequester;
import dev.portcullis.devices.atc.VirtualMemory;
import dev.portcullis.pci.Pasid;
import dev.portcullis.pci.PasidPrefix;
import java.util.function.IntConsumer;

/// What the channels of an engine share.
///
/// @param memory the way to memory
/// @param pages the way to pages that are missing
/// @param pasid where software says whether there are PASIDs
/// @param vectors takes the number of a vector that is to interrupt
record Parts(VirtualMemory memory, PageRequester pages, Pasid pasid, IntConsumer vectors) {

  void interrupt(int vector) {
    vectors.accept(vector);
  }

  /// Whether software lets requests have this prefix.
  boolean allows(int prefix) {
    return !PasidPrefix.isPresent(prefix)
        || pasid.isEnabled()
            && (!PasidPrefix.isPrivileged(prefix) || pasid.allows(Pasid.Feature.PRIVILEGED));
  }
}

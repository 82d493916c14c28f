package dev.portcullis.driver.invalidation;

import dev.portcullis.spec.descriptor.DeviceTlbInvalidate;
import dev.portcullis.spec.descriptor.InvalidationDescriptor;
import dev.portcullis.spec.descriptor.PasidDeviceTlbInvalidate;
import java.util.Arrays;

/// Invalidations to be carried out together, in order. Reused: filling and clearing it allocates
/// nothing once it is large enough.
///
/// The order is the caller's: context before PASID before IOTLB before device-TLBs.
///
/// @vtd 6.5 Invalidation of Translation Caches
public final class InvalidationBatch {
  private long[] words = new long[2 * 8];
  private int count;

  /// Empty.
  public InvalidationBatch() {}

  /// Appends a descriptor.
  public InvalidationBatch add(InvalidationDescriptor.Valid descriptor) {
    return add(descriptor.lo(), descriptor.hi());
  }

  /// Appends every descriptor of `more`.
  public InvalidationBatch addAll(InvalidationBatch more) {
    for (int i = 0; i < more.count; i++) {
      add(more.lo(i), more.hi(i));
    }
    return this;
  }

  private InvalidationBatch add(long lo, long hi) {
    if (2 * count == words.length) {
      words = Arrays.copyOf(words, 2 * words.length);
    }
    words[2 * count] = lo;
    words[2 * count + 1] = hi;
    count++;
    return this;
  }

  /// Empties it.
  public InvalidationBatch clear() {
    count = 0;
    return this;
  }

  public boolean isEmpty() {
    return count == 0;
  }

  int count() {
    return count;
  }

  long lo(int index) {
    return words[2 * index];
  }

  long hi(int index) {
    return words[2 * index + 1];
  }

  InvalidationBatch part(int from, int to) {
    InvalidationBatch part = new InvalidationBatch();
    for (int i = from; i < to; i++) {
      part.add(lo(i), hi(i));
    }
    return part;
  }

  /// A batch without what is for the device-TLB of `sourceId`, or of any device if it is 0.
  InvalidationBatch withoutDevice(int sourceId) {
    InvalidationBatch rest = new InvalidationBatch();
    for (int i = 0; i < count; i++) {
      int device = deviceOf(lo(i));
      if (device < 0 || sourceId != 0 && device != sourceId) {
        rest.add(lo(i), hi(i));
      }
    }
    return rest;
  }

  /// Whose device-TLB a descriptor is for; negative if for none.
  private static int deviceOf(long lo) {
    return switch (InvalidationDescriptor.type(lo)) {
      case DeviceTlbInvalidate.TYPE -> DeviceTlbInvalidate.SID.intOf(lo);
      case PasidDeviceTlbInvalidate.TYPE -> PasidDeviceTlbInvalidate.SID.intOf(lo);
      default -> -1;
    };
  }
}

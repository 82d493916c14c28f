package dev.portcullis.guest.virtio;

import dev.portcullis.guest.pci.PciDevice;
import dev.portcullis.guest.port.Processor;
import java.util.Optional;

/// A virtio device's registers: the structures that its capabilities tell of.
///
/// @virtio 4.1.4 Virtio Structure PCI Capabilities
final class VirtioDevice {
  static final long INDIRECT_DESC = 1L << 28;
  static final long EVENT_IDX = 1L << 29;
  static final long VERSION_1 = 1L << 32;
  static final long ACCESS_PLATFORM = 1L << 33;

  static final int ACKNOWLEDGE = 1;
  static final int DRIVER = 2;
  static final int DRIVER_OK = 4;
  static final int FEATURES_OK = 8;
  static final int NEEDS_RESET = 0x40;

  /// A queue, or the configuration, that sends no interrupts.
  static final int NO_VECTOR = 0xffff;

  private static final int VENDOR_SPECIFIC = 0x09;
  private static final int COMMON = 1;
  private static final int NOTIFY = 2;
  private static final int DEVICE = 4;

  private static final int FEATURE_SELECT = 0x00;
  private static final int FEATURES = 0x04;
  private static final int ACCEPTED_SELECT = 0x08;
  private static final int ACCEPTED = 0x0c;
  private static final int CONFIG_VECTOR = 0x10;
  private static final int QUEUES = 0x12;
  private static final int STATUS = 0x14;
  private static final int QUEUE_SELECT = 0x16;
  private static final int QUEUE_SIZE = 0x18;
  private static final int QUEUE_VECTOR = 0x1a;
  private static final int QUEUE_ENABLE = 0x1c;
  private static final int QUEUE_NOTIFY_OFFSET = 0x1e;
  private static final int QUEUE_DESCRIPTORS = 0x20;
  private static final int QUEUE_AVAILABLE = 0x28;
  private static final int QUEUE_USED = 0x30;

  private static final int COMMON_BYTES = 0x38;
  private static final int NOTICE_BYTES = 2;
  private static final int RESET_TRIES = 1_000;

  private final Processor processor;
  private final PciDevice device;
  private final long common;
  private final long notify;
  private final long notifyBytes;
  private final long notifyMultiplier;
  private final long config;

  /// @param configBytes how much of the device's own configuration is needed
  /// @throws VirtioException if a structure is missing
  VirtioDevice(Processor processor, PciDevice device, int configBytes) throws VirtioException {
    this.processor = processor;
    this.device = device;
    this.common = structure(COMMON, COMMON_BYTES);
    this.notify = structure(NOTIFY, NOTICE_BYTES);
    this.notifyBytes = device.readConfig(capability(NOTIFY) + 12, 4);
    this.config = structure(DEVICE, configBytes);
    this.notifyMultiplier = device.readConfig(capability(NOTIFY) + 16, 4);
  }

  private long structure(int type, int leastBytes) throws VirtioException {
    int at = capability(type);
    int bar = (int) device.readConfig(at + 4, 1);
    long offset = device.readConfig(at + 8, 4);
    long length = device.readConfig(at + 12, 4);
    Optional<Long> window = bar < 6 ? device.window(bar) : Optional.empty();
    if (window.isEmpty() || offset + length > device.windowBytes(bar) || (offset & 3) != 0) {
      throw new VirtioException(device + ": structure " + type + " lies in no window");
    }
    if (length < leastBytes) {
      throw new VirtioException(device + ": structure " + type + " is too short");
    }
    return window.get() + offset;
  }

  private int capability(int type) throws VirtioException {
    for (int at : device.capabilities(VENDOR_SPECIFIC)) {
      if (device.readConfig(at + 3, 1) == type) {
        return at;
      }
    }
    throw new VirtioException(device + ": structure " + type + " is missing");
  }

  /// Has the device forget everything; returns when it has.
  void reset() throws VirtioException {
    processor.store(common + STATUS, 1, 0);
    for (int tries = 0; processor.load(common + STATUS, 1) != 0; tries++) {
      if (tries == RESET_TRIES) {
        throw new VirtioException(device + ": it does not come out of reset");
      }
      Thread.onSpinWait();
    }
  }

  /// Agrees on features.
  ///
  /// @param wanted what the driver can use, apart from what it needs
  /// @return what both have
  /// @throws VirtioException if the device does not agree, or is none of version 1
  long negotiate(long wanted) throws VirtioException {
    status(ACKNOWLEDGE | DRIVER);
    long needed = VERSION_1 | ACCESS_PLATFORM;
    long offered = features();
    if ((offered & VERSION_1) == 0) {
      throw new VirtioException(device + ": an old device, without VIRTIO_F_VERSION_1");
    }
    long accepted = offered & (wanted | needed);
    for (int half = 0; half < 2; half++) {
      processor.store(common + ACCEPTED_SELECT, 4, half);
      processor.store(common + ACCEPTED, 4, accepted >>> 32 * half & 0xffff_ffffL);
    }
    status(ACKNOWLEDGE | DRIVER | FEATURES_OK);
    if ((status() & FEATURES_OK) == 0) {
      throw new VirtioException(device + ": no agreement on features");
    }
    return accepted;
  }

  /// What the device offers.
  long features() {
    long features = 0;
    for (int half = 0; half < 2; half++) {
      processor.store(common + FEATURE_SELECT, 4, half);
      features |= processor.load(common + FEATURES, 4) << 32 * half;
    }
    return features;
  }

  void ready() {
    status(ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK);
  }

  int status() {
    return (int) processor.load(common + STATUS, 1);
  }

  private void status(int bits) {
    processor.store(common + STATUS, 1, bits);
  }

  int queues() {
    return (int) processor.load(common + QUEUES, 2);
  }

  /// How many entries queue `number` may have; 0 if there is no such queue.
  int queueSize(int number) {
    processor.store(common + QUEUE_SELECT, 2, number);
    return (int) processor.load(common + QUEUE_SIZE, 2);
  }

  /// Hands queue `number` to the device.
  ///
  /// @param vector of its interrupts
  /// @return where its doorbell is
  /// @throws VirtioException if the device has no such interrupt to give, or no doorbell
  long enable(int number, RingLayout ring, int vector) throws VirtioException {
    processor.store(common + QUEUE_SELECT, 2, number);
    processor.store(common + QUEUE_SIZE, 2, ring.entries());
    processor.store(common + QUEUE_VECTOR, 2, vector);
    if (processor.load(common + QUEUE_VECTOR, 2) != vector) {
      throw new VirtioException(device + ": no interrupt for queue " + number);
    }
    store64(QUEUE_DESCRIPTORS, ring.descriptors());
    store64(QUEUE_AVAILABLE, ring.available());
    store64(QUEUE_USED, ring.used());
    long notice = notifyMultiplier * processor.load(common + QUEUE_NOTIFY_OFFSET, 2);
    if (notice > notifyBytes - NOTICE_BYTES || (notice & 1) != 0) {
      throw new VirtioException(device + ": no doorbell for queue " + number);
    }
    processor.store(common + QUEUE_ENABLE, 2, 1);
    return notify + notice;
  }

  private void store64(int register, long value) {
    processor.store(common + register, 4, value & 0xffff_ffffL);
    processor.store(common + register + 4, 4, value >>> 32);
  }

  void configVector(int vector) {
    processor.store(common + CONFIG_VECTOR, 2, vector);
  }

  /// A byte of the device's own configuration.
  int config(int offset) {
    return (int) processor.load(config + offset, 1);
  }
}

package dev.portcullis.devices.virtio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/// The common configuration structure, by which a driver and a device agree.
///
/// ```
///  00 RW device_feature_select  10 RW config_msix_vector  16 RW queue_select
///  04 RO device_feature         12 RO num_queues          18 RW queue_size
///  08 RW driver_feature_select  14 RW device_status       1a RW queue_msix_vector
///  0c RW driver_feature         15 RO config_generation   1c RW queue_enable
///  20 RW queue_desc  28 RW queue_driver  30 RW queue_device  1e RO queue_notify_off
/// ```
///
/// Software's accesses come from one thread at a time; the status alone is shared with others.
///
/// @virtio 4.1.4.3 Common configuration structure layout
final class Registers {
  static final int BYTES = 0x40;

  /// Distance of the doorbells of two queues.
  static final int NOTIFY_STRIDE = 4;

  static final int DRIVER_OK = 4;
  static final int FEATURES_OK = 8;
  static final int NEEDS_RESET = 0x40;
  private static final int WRITABLE_STATUS = 0x8f;

  private final long offered;
  private final long required;
  private final int vectors;
  private final List<QueueSetup> queues;
  private final AtomicInteger status = new AtomicInteger();
  private int offeredSelect;
  private int acceptedSelect;
  private long accepted;
  private int configVector;
  private int queueSelect;

  /// @param offered feature bits
  /// @param required those of them without which there is no agreement
  Registers(long offered, long required, int vectors, int queues) {
    this.offered = offered;
    this.required = required;
    this.vectors = vectors;
    this.queues = IntStream.range(0, queues).mapToObj(i -> new QueueSetup()).toList();
    reset();
  }

  void reset() {
    status.set(0);
    offeredSelect = 0;
    acceptedSelect = 0;
    accepted = 0;
    configVector = QueueSetup.NO_VECTOR;
    queueSelect = 0;
    queues.forEach(QueueSetup::reset);
  }

  boolean has(int statusBit) {
    return (status.get() & statusBit) != 0;
  }

  void needReset() {
    status.accumulateAndGet(NEEDS_RESET, (before, bit) -> before | bit);
  }

  long accepted() {
    return accepted;
  }

  int configVector() {
    return configVector;
  }

  QueueSetup queue(int number) {
    return queues.get(number);
  }

  private static long half(long bits, int select) {
    return select == 0 ? bits & 0xffff_ffffL : select == 1 ? bits >>> 32 : 0;
  }

  /// The `widthBytes` bytes at `offset`; 0 past the end.
  long read(int offset, int widthBytes) {
    ByteBuffer image = ByteBuffer.allocate(BYTES + 8).order(ByteOrder.LITTLE_ENDIAN);
    image.putInt(0x00, offeredSelect).putInt(0x04, (int) half(offered, offeredSelect));
    image.putInt(0x08, acceptedSelect).putInt(0x0c, (int) half(accepted, acceptedSelect));
    image.putShort(0x10, (short) configVector).putShort(0x12, (short) queues.size());
    image.put(0x14, (byte) status.get()).putShort(0x16, (short) queueSelect);
    if (queueSelect < queues.size()) {
      QueueSetup queue = queues.get(queueSelect);
      image.putShort(0x18, (short) queue.size).putShort(0x1a, (short) queue.vector);
      image.putShort(0x1c, (short) (queue.enabled ? 1 : 0)).putShort(0x1e, (short) queueSelect);
      image.putLong(0x20, queue.descriptors);
      image.putLong(0x28, queue.available).putLong(0x30, queue.used);
    }
    return image.getLong(offset) & -1L >>> 64 - 8 * widthBytes;
  }

  void write(int offset, int widthBytes, long value) {
    if (widthBytes == 8) {
      write(offset, 4, value);
      write(offset + 4, 4, value >>> 32);
      return;
    }
    switch (offset) {
      case 0x00 -> offeredSelect = (int) value;
      case 0x08 -> acceptedSelect = (int) value;
      case 0x0c -> accept(value);
      case 0x10 -> configVector = vector(value);
      case 0x14 -> writeStatus((int) value & WRITABLE_STATUS);
      case 0x16 -> queueSelect = (int) value & 0xffff;
      default -> {
        if (queueSelect < queues.size() && !queues.get(queueSelect).enabled) {
          writeQueue(queues.get(queueSelect), offset, value);
        }
      }
    }
  }

  /// A queue holds still once it is enabled.
  private void writeQueue(QueueSetup queue, int offset, long value) {
    boolean high = (offset & 4) != 0;
    switch (offset) {
      case 0x18 -> queue.resize((int) value & 0xffff);
      case 0x1a -> queue.vector = vector(value);
      case 0x1c -> queue.enabled = (value & 0xffff) == 1;
      case 0x20, 0x24 -> queue.descriptors = QueueSetup.withHalf(queue.descriptors, high, value);
      case 0x28, 0x2c -> queue.available = QueueSetup.withHalf(queue.available, high, value);
      case 0x30, 0x34 -> queue.used = QueueSetup.withHalf(queue.used, high, value);
      default -> {}
    }
  }

  private int vector(long value) {
    int asked = (int) value & 0xffff;
    return asked < vectors ? asked : QueueSetup.NO_VECTOR;
  }

  private void accept(long value) {
    if (!has(FEATURES_OK) && acceptedSelect >>> 1 == 0) {
      accepted = QueueSetup.withHalf(accepted, acceptedSelect == 1, value);
    }
  }

  /// Bits of the status are only ever set; there is agreement only on what was offered.
  private void writeStatus(int written) {
    boolean agreed = (accepted & ~offered) == 0 && (accepted & required) == required;
    int granted = agreed ? written : written & ~FEATURES_OK;
    status.accumulateAndGet(granted, (before, bits) -> before | bits);
  }
}

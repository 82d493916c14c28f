package dev.portcullis.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.spec.descriptor.ContextCacheInvalidate;
import dev.portcullis.spec.descriptor.DeviceTlbInvalidate;
import dev.portcullis.spec.descriptor.InterruptCacheInvalidate;
import dev.portcullis.spec.descriptor.InvalidationWait;
import dev.portcullis.spec.descriptor.IotlbInvalidate;
import dev.portcullis.spec.descriptor.PageGroupResponse;
import dev.portcullis.spec.descriptor.PageRequestDescriptor;
import dev.portcullis.spec.descriptor.PasidCacheInvalidate;
import dev.portcullis.spec.descriptor.PasidDeviceTlbInvalidate;
import dev.portcullis.spec.descriptor.PasidIotlbInvalidate;
import dev.portcullis.spec.descriptor.PermissionCacheInvalidate;
import dev.portcullis.spec.interrupt.InterruptEntry;
import dev.portcullis.spec.interrupt.PostedInterruptDescriptor;
import dev.portcullis.spec.register.Capability;
import dev.portcullis.spec.register.ExtendedCapability;
import dev.portcullis.spec.register.FaultRegisters;
import dev.portcullis.spec.register.FeatureCapabilities;
import dev.portcullis.spec.register.InvalidationRegisters;
import dev.portcullis.spec.register.Register;
import dev.portcullis.spec.register.RegisterField;
import dev.portcullis.spec.register.Registers;
import dev.portcullis.spec.table.ContextEntry;
import dev.portcullis.spec.table.RootEntry;
import dev.portcullis.spec.table.SecondStageEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Holds every layout of this module: fields do not overlap, fields and reserved bits make up the
/// word, and what is put into a field comes out of it.
class LayoutTest {

  /// A word of a structure: its fields, and the bits said to be in none.
  record Word(String name, List<BitField> fields, long reserved) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Word> words() {
    List<Word> words =
        new ArrayList<>(
            List.of(
                new Word("CAP", Capability.FIELDS, Capability.RESERVED),
                new Word("ECAP", ExtendedCapability.FIELDS, ExtendedCapability.RESERVED),
                new Word("root entry, low", RootEntry.LOW, RootEntry.RESERVED_LOW),
                new Word("root entry, high", RootEntry.HIGH, RootEntry.RESERVED_HIGH),
                new Word("context entry, low", ContextEntry.LOW, ContextEntry.RESERVED_LOW),
                new Word("context entry, high", ContextEntry.HIGH, ContextEntry.RESERVED_HIGH),
                new Word("second-stage", SecondStageEntry.FIELDS, SecondStageEntry.IGNORED),
                new Word(
                    "cc, low", ContextCacheInvalidate.LOW, ContextCacheInvalidate.RESERVED_LOW),
                new Word(
                    "cc, high", ContextCacheInvalidate.HIGH, ContextCacheInvalidate.RESERVED_HIGH),
                new Word("iotlb, low", IotlbInvalidate.LOW, IotlbInvalidate.RESERVED_LOW),
                new Word("iotlb, high", IotlbInvalidate.HIGH, IotlbInvalidate.RESERVED_HIGH),
                new Word("wait, low", InvalidationWait.LOW, InvalidationWait.RESERVED_LOW),
                new Word("wait, high", InvalidationWait.HIGH, InvalidationWait.RESERVED_HIGH)));
    words.addAll(laterDescriptors());
    words.addAll(interrupts());
    for (Register register : registers()) {
      long beyond = register.widthBits() == 32 ? 0xffff_ffff_0000_0000L : 0;
      words.add(
          new Word(
              register.name(),
              register.fields().stream().map(RegisterField::bits).toList(),
              register.reserved() | beyond));
    }
    return words;
  }

  private static List<Word> laterDescriptors() {
    return List.of(
        new Word("dev_tlb, low", DeviceTlbInvalidate.LOW, DeviceTlbInvalidate.RESERVED_LOW),
        new Word("dev_tlb, high", DeviceTlbInvalidate.HIGH, DeviceTlbInvalidate.RESERVED_HIGH),
        new Word("iec, low", InterruptCacheInvalidate.LOW, InterruptCacheInvalidate.RESERVED_LOW),
        new Word(
            "iec, high", InterruptCacheInvalidate.HIGH, InterruptCacheInvalidate.RESERVED_HIGH),
        new Word("p_iotlb, low", PasidIotlbInvalidate.LOW, PasidIotlbInvalidate.RESERVED_LOW),
        new Word("p_iotlb, high", PasidIotlbInvalidate.HIGH, PasidIotlbInvalidate.RESERVED_HIGH),
        new Word("pc, low", PasidCacheInvalidate.LOW, PasidCacheInvalidate.RESERVED_LOW),
        new Word("pc, high", PasidCacheInvalidate.HIGH, PasidCacheInvalidate.RESERVED_HIGH),
        new Word(
            "p_dev_tlb, low", PasidDeviceTlbInvalidate.LOW, PasidDeviceTlbInvalidate.RESERVED_LOW),
        new Word(
            "p_dev_tlb, high",
            PasidDeviceTlbInvalidate.HIGH,
            PasidDeviceTlbInvalidate.RESERVED_HIGH),
        new Word("page_grp_resp, low", PageGroupResponse.LOW, PageGroupResponse.RESERVED_LOW),
        new Word("page_grp_resp, high", PageGroupResponse.HIGH, PageGroupResponse.RESERVED_HIGH),
        new Word(
            "page request, low", PageRequestDescriptor.LOW, PageRequestDescriptor.RESERVED_LOW),
        new Word(
            "page request, high", PageRequestDescriptor.HIGH, PageRequestDescriptor.RESERVED_HIGH),
        new Word("hpt, low", PermissionCacheInvalidate.LOW, PermissionCacheInvalidate.RESERVED_LOW),
        new Word(
            "hpt, high", PermissionCacheInvalidate.HIGH, PermissionCacheInvalidate.RESERVED_HIGH));
  }

  private static List<Word> interrupts() {
    return List.of(
        new Word(
            "remapped, low", InterruptEntry.REMAPPED_LOW, InterruptEntry.REMAPPED_RESERVED_LOW),
        new Word(
            "remapped, high", InterruptEntry.REMAPPED_HIGH, InterruptEntry.REMAPPED_RESERVED_HIGH),
        new Word("posted, low", InterruptEntry.POSTED_LOW, InterruptEntry.POSTED_RESERVED_LOW),
        new Word("posted, high", InterruptEntry.POSTED_HIGH, InterruptEntry.POSTED_RESERVED_HIGH),
        new Word(
            "descriptor, control",
            PostedInterruptDescriptor.CONTROL,
            PostedInterruptDescriptor.RESERVED_CONTROL));
  }

  static List<Register> registers() {
    List<Register> all = new ArrayList<>(Registers.FIXED);
    all.addAll(Registers.ofFeatures(FeatureCapabilities.STANDARD));
    all.addAll(InvalidationRegisters.ALL);
    all.addAll(FaultRegisters.ALL);
    return all;
  }

  @ParameterizedTest
  @MethodSource("words")
  void fieldsDoNotOverlap(Word word) {
    long taken = 0;
    for (BitField field : word.fields) {
      assertThat(taken & field.mask()).as(field.name()).isZero();
      taken |= field.mask();
    }
  }

  @ParameterizedTest
  @MethodSource("words")
  void fieldsAndReservedBitsMakeUpTheWord(Word word) {
    long fields = word.fields.stream().mapToLong(BitField::mask).reduce(0, (a, b) -> a | b);
    assertThat(Long.toHexString(~word.reserved)).isEqualTo(Long.toHexString(fields));
  }

  @ParameterizedTest
  @MethodSource("words")
  void whatIsPutIntoAFieldComesOutAndLeavesTheOthersAlone(Word word) {
    SplittableRandom random = new SplittableRandom(word.name.hashCode());
    for (BitField field : word.fields) {
      long others = random.nextLong();
      long value = random.nextLong() >>> 64 - field.width();
      long with = field.with(others, value);
      assertThat(field.of(with)).as(field.name()).isEqualTo(value);
      assertThat(with & ~field.mask()).as(field.name()).isEqualTo(others & ~field.mask());
    }
  }

  @Test
  void registersAtFixedPlacesDoNotOverlapAndAreAligned() {
    boolean[] taken = new boolean[Registers.LARGEST_WINDOW_BYTES];
    List<Register> all = new ArrayList<>(Registers.FIXED);
    all.addAll(Registers.ofFeatures(FeatureCapabilities.STANDARD));
    for (Register register : all) {
      assertThat(register.offset() % register.widthBytes()).as(register.name()).isZero();
      for (int at = register.offset(); at < register.offset() + register.widthBytes(); at++) {
        assertThat(taken[at]).as("%s at %x", register.name(), at).isFalse();
        taken[at] = true;
      }
    }
  }

  @Test
  void theResetValueOfARegisterHasNoReservedBits() {
    for (Register register : registers()) {
      assertThat(register.reset() & register.reserved()).as(register.name()).isZero();
    }
  }
}

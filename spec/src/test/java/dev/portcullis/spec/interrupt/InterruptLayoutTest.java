package dev.portcullis.spec.interrupt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InterruptLayoutTest {

  @Test
  void anEntryInRemappedFormatHasItsFieldsInPlace() {
    InterruptEntry entry =
        InterruptEntry.remapped(0x41, 0x1234_5678, SourceCheck.requester(0x00a8, 3))
            .withDeliveryMode(DeliveryMode.LOWEST_PRIORITY)
            .with(InterruptEntry.RH.mask());
    assertThat(entry.lo()).isEqualTo(0x1234_5678_0041_0029L);
    assertThat(entry.hi()).isEqualTo(0x7_00a8L);
    assertThat(entry.isPresent()).isTrue();
    assertThat(entry.isPosted()).isFalse();
    assertThat(entry.recordsFaults()).isTrue();
    assertThat(entry.destination(true)).isEqualTo(0x1234_5678);
    assertThat(entry.destination(false)).isEqualTo(0x56);
    assertThat(entry.vector()).isEqualTo(0x41);
    assertThat(entry.deliveryMode()).isEqualTo(DeliveryMode.LOWEST_PRIORITY.code());
  }

  @Test
  void anEntryInPostedFormatHasItsFieldsInPlace() {
    InterruptEntry entry =
        InterruptEntry.posted(0x12_3456_7fc0L, 0x52, SourceCheck.buses(2, 5))
            .with(InterruptEntry.URG.mask());
    assertThat(entry.lo()).isEqualTo(0x3456_7fc0_0052_c001L);
    assertThat(entry.hi()).isEqualTo(0x0000_0012_0008_0205L);
    assertThat(entry.descriptor()).isEqualTo(0x12_3456_7fc0L);
    assertThat(entry.isPosted()).isTrue();
    assertThat(entry.isUrgent()).isTrue();
    assertThat(entry.sourceValidation()).isEqualTo(SourceCheck.SVT_BUSES);
    assertThat(entry.sourceId()).isEqualTo(0x0205);
  }

  @Test
  void aRemappableRequestNamesItsEntry() {
    RemappableFormat message = RemappableFormat.message(0x8123, 2);
    assertThat(message).isEqualTo(new RemappableFormat(0xfee0_247cL, 2));
    assertThat(RemappableFormat.isAt(message.address())).isTrue();
    assertThat(RemappableFormat.index(message.address(), message.data())).isEqualTo(0x8125);
    RemappableFormat request = RemappableFormat.request(0x8123, 0xffff);
    assertThat(RemappableFormat.hasSubhandle(request.address())).isFalse();
    assertThat(RemappableFormat.index(request.address(), request.data())).isEqualTo(0x8123);
    assertThat(RemappableFormat.index(RemappableFormat.message(0xffff, 0).address(), 0xffff))
        .isEqualTo(0x1_fffe);
  }

  @Test
  void anInterruptForAWideDestinationHasItsUpperBitsAtTheTop() {
    CompatibilityFormat sent =
        CompatibilityFormat.of(
            0xabcd_ef12, CompatibilityFormat.DM.mask(), 0, DeliveryMode.NMI, 0x31);
    assertThat(sent).isEqualTo(new CompatibilityFormat(0xabcd_ef00_fee1_2004L, 0x4431));
    assertThat(sent.destination()).isEqualTo(0xabcd_ef12);
    assertThat(sent.deliveryMode()).isEqualTo(DeliveryMode.NMI.code());
    assertThat(sent.vector()).isEqualTo(0x31);
  }

  @Test
  void aDescriptorHasABitForEachVectorAndAWordThatSaysWhomToTell() {
    PostedInterruptDescriptor descriptor =
        PostedInterruptDescriptor.of(0xf2, InterruptEntry.unextended(7));
    assertThat(descriptor.control()).isEqualTo(0x0000_0700_00f2_0000L);
    assertThat(PostedInterruptDescriptor.destination(descriptor.control(), false)).isEqualTo(7);
    assertThat(PostedInterruptDescriptor.vector(descriptor.control())).isEqualTo(0xf2);
    assertThat(PostedInterruptDescriptor.requestOffset(0xff)).isEqualTo(24);
    assertThat(PostedInterruptDescriptor.requestBit(0x41)).isEqualTo(2);
  }

  @Test
  void reservedDeliveryModesAreNone() {
    assertThat(DeliveryMode.of(3)).isEmpty();
    assertThat(DeliveryMode.of(6)).isEmpty();
    assertThat(DeliveryMode.of(7)).contains(DeliveryMode.EXTINT);
  }
}

package dev.portcullis.spec.table;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EntriesTest {
  private static final long BEYOND_39_BITS = -1L << 39;

  @Test
  void anEntryIsFoundByTheRequestersBusAndFunction() {
    assertThat(RootEntry.address(0x1000, 0x12_34)).isEqualTo(0x1120);
    assertThat(ContextEntry.address(0x2000, 0x12_34)).isEqualTo(0x2340);
  }

  @Test
  void aPagingEntryIsFoundByNineBitsOfTheAddress() {
    long address = 0x1ff_0080_4020_1000L;
    assertThat(SecondStageEntry.address(0x5000, address, 1)).isEqualTo(0x5008);
    assertThat(SecondStageEntry.address(0x5000, address, 2)).isEqualTo(0x5008);
    assertThat(SecondStageEntry.address(0x5000, address, 3)).isEqualTo(0x5008);
    assertThat(SecondStageEntry.address(0x5000, address, 4)).isEqualTo(0x5008);
    assertThat(SecondStageEntry.address(0x5000, address, 5)).isEqualTo(0x5ff8);
  }

  @Test
  void whatIsEncodedIsDecoded() {
    ContextEntry entry = ContextEntry.present(ContextEntry.TT_SECOND_STAGE, 0x7000, 5, 0xfedc);
    assertThat(entry.isPresent()).isTrue();
    assertThat(entry.recordsFaults()).isTrue();
    assertThat(entry.secondStageTables()).isEqualTo(0x7000);
    assertThat(entry.levels()).isEqualTo(5);
    assertThat(entry.domainId()).isEqualTo(0xfedc);
    assertThat(entry.translationType()).isEqualTo(ContextEntry.TT_SECOND_STAGE);
    assertThat(RootEntry.present(0x9000).contextTable()).isEqualTo(0x9000);
  }

  @Test
  void addressBitsBeyondTheHostsWidthAreReserved() {
    assertThat(RootEntry.present(1L << 38).hasReservedBits(BEYOND_39_BITS)).isFalse();
    assertThat(RootEntry.present(1L << 39).hasReservedBits(BEYOND_39_BITS)).isTrue();
    ContextEntry context = ContextEntry.present(ContextEntry.TT_SECOND_STAGE, 1L << 39, 4, 1);
    assertThat(context.hasReservedBits(BEYOND_39_BITS, 16)).isTrue();
  }

  @Test
  void theTablesAddressIsIgnoredWithPassThrough() {
    ContextEntry context = ContextEntry.present(ContextEntry.TT_PASS_THROUGH, 1L << 39, 4, 1);
    assertThat(context.hasReservedBits(BEYOND_39_BITS, 16)).isFalse();
  }

  @Test
  void domainIdBitsThatTheUnitLacksAreReserved() {
    ContextEntry context = ContextEntry.present(ContextEntry.TT_SECOND_STAGE, 0x1000, 4, 0x100);
    assertThat(context.hasReservedBits(BEYOND_39_BITS, 10)).isFalse();
    assertThat(context.hasReservedBits(BEYOND_39_BITS, 8)).isTrue();
  }

  @Test
  void softwareMayUseTheIgnoredBits() {
    ContextEntry context = new ContextEntry(1, ContextEntry.IGN.mask() | 2);
    assertThat(context.hasReservedBits(BEYOND_39_BITS, 8)).isFalse();
  }
}

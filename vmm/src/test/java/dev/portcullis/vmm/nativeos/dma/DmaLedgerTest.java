package dev.portcullis.vmm.nativeos.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.driver.fault.FaultRecord.RequestType;
import dev.portcullis.vmm.nativeos.dma.Explanation.Kind;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DmaLedgerTest {
  private static final DmaBuffer FRAME = buffer("frame", 0x10c00, 0x400, Direction.FROM_DEVICE);
  private static final DmaBuffer TABLE = buffer("table", 0x30000, 0x1800, Direction.TO_DEVICE);

  private long now = 1_000;
  private final DmaLedger ledger = new DmaLedger(2, () -> now);

  private static DmaBuffer buffer(String name, long address, long bytes, Direction direction) {
    return new DmaBuffer(name, 0x1_0000_0000L + address, address, bytes, direction);
  }

  @Test
  void anAccessPastTheEndIsOneByteBehindAtLeast() {
    ledger.mapped(FRAME);
    Explanation why = ledger.explain(0x11000, RequestType.WRITE);
    assertThat(why.kind()).isEqualTo(Kind.BEHIND);
    assertThat(why.nearest()).contains(FRAME);
    assertThat(why.leastBytes()).isEqualTo(1);
    assertThat(why.mostBytes()).isEqualTo(4096);
    assertThat(why.gone()).isEmpty();
    assertThat(why.toString())
        .isEqualTo(
            "1 to 4,096 bytes behind the end of frame (0x10c00 to 0x10fff, 1,024 bytes, allowed to"
                + " write), mapped");
  }

  @Test
  void distancesCountFromTheBufferAndNotFromItsPage() {
    ledger.mapped(TABLE);
    Explanation behind = ledger.explain(0x33000, RequestType.READ);
    assertThat(behind.leastBytes()).isEqualTo(0x33000 - 0x31800 + 1);
    ledger.mapped(FRAME);
    Explanation before = ledger.explain(0xf000, RequestType.READ);
    assertThat(before.kind()).isEqualTo(Kind.BEFORE);
    assertThat(before.nearest()).contains(FRAME);
    assertThat(before.leastBytes()).isEqualTo(0x10c00 - 0xffff);
    assertThat(before.mostBytes()).isEqualTo(0x10c00 - 0xf000);
  }

  @Test
  void theNearestBufferIsNamed() {
    ledger.mapped(FRAME);
    ledger.mapped(TABLE);
    assertThat(ledger.explain(0x18000, RequestType.READ).nearest()).contains(FRAME);
    assertThat(ledger.explain(0x2f000, RequestType.READ).nearest()).contains(TABLE);
    assertThat(ledger.explain(0x40000, RequestType.READ).nearest()).contains(TABLE);
  }

  @Test
  void theWrongDirectionIsToldFromTheRight() {
    ledger.mapped(TABLE);
    assertThat(ledger.explain(0x31000, RequestType.WRITE).kind()).isEqualTo(Kind.WRONG_DIRECTION);
    assertThat(ledger.explain(0x31000, RequestType.ATOMIC).kind()).isEqualTo(Kind.WRONG_DIRECTION);
    assertThat(ledger.explain(0x31000, RequestType.READ).kind()).isEqualTo(Kind.TOO_EARLY);
  }

  @Test
  void useAfterUnmapIsFoundWithItsAge() {
    ledger.mapped(FRAME);
    ledger.unmapped(FRAME);
    now += 5_000_000;
    Explanation why = ledger.explain(0x10000, RequestType.WRITE);
    assertThat(why.kind()).isEqualTo(Kind.AFTER_UNMAP);
    assertThat(why.gone()).contains(Duration.ofMillis(5));
    assertThat(why.toString()).endsWith("unmapped 5.0 ms before it was seen");
  }

  @Test
  void whatIsMappedComesBeforeWhatWasAsNear() {
    DmaBuffer before = buffer("before", 0x0f000, 0x1000, Direction.BOTH);
    DmaBuffer behind = buffer("behind", 0x11000, 0x1000, Direction.BOTH);
    ledger.mapped(before);
    ledger.mapped(behind);
    ledger.unmapped(before);
    assertThat(ledger.explain(0x10000, RequestType.READ).nearest()).contains(behind);
  }

  @Test
  void theOldestIsForgotten() {
    DmaBuffer third = buffer("third", 0x50000, 0x1000, Direction.BOTH);
    ledger.mapped(FRAME);
    ledger.mapped(TABLE);
    ledger.mapped(third);
    assertThat(ledger.unmapped(FRAME)).isEmpty();
    assertThat(ledger.unmapped(TABLE)).isEmpty();
    assertThat(ledger.unmapped(third)).contains(FRAME);
    assertThat(ledger.explain(0x10000, RequestType.WRITE).kind()).isEqualTo(Kind.BEFORE);
  }

  @Test
  void aDriverThatHasMappedNothingIsToldSo() {
    Explanation why = ledger.explain(0x1000, RequestType.READ);
    assertThat(why.kind()).isEqualTo(Kind.NOTHING_MAPPED);
    assertThat(why.nearest()).isEqualTo(Optional.empty());
  }

  @Test
  void theSameBufferIsUnmappedOnce() {
    ledger.mapped(FRAME);
    ledger.unmapped(FRAME);
    assertThatThrownBy(() -> ledger.unmapped(FRAME))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("frame");
    assertThat(ledger.mappedNow()).isEmpty();
  }

  @Test
  void findsWhatLiesInMappedPagesAsAWhole() {
    ledger.mapped(FRAME);
    assertThat(ledger.find(0x10ff8, 8)).contains(FRAME);
    assertThat(ledger.find(0x10ff9, 8)).isEmpty();
    assertThat(ledger.find(0xffff, 1)).isEmpty();
  }
}

package dev.portcullis.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BitFieldTest {
  private static final BitField TT = BitField.bits("TT", 3, 2);
  private static final BitField WORD = BitField.bits("WORD", 63, 0);
  private static final BitField TOP = BitField.bit("TOP", 63);

  @Test
  void readsItsOwnBitsOnly() {
    assertThat(TT.of(0b1011)).isEqualTo(0b10);
    assertThat(TT.inPlace(0b1011)).isEqualTo(0b1000);
    assertThat(TT.isSet(0b0011)).isFalse();
    assertThat(TOP.of(-1)).isEqualTo(1);
    assertThat(WORD.of(-1)).isEqualTo(-1);
  }

  @Test
  void replacesItsOwnBitsOnly() {
    assertThat(TT.with(0b1111, 0)).isEqualTo(0b0011);
    assertThat(TT.encode(0b11)).isEqualTo(0b1100);
    assertThat(TOP.encode(1)).isEqualTo(Long.MIN_VALUE);
    assertThat(WORD.with(5, -1)).isEqualTo(-1);
  }

  @Test
  void refusesValuesThatDoNotFit() {
    assertThatThrownBy(() -> TT.encode(4)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> TT.encode(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> TOP.encode(2)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesImpossibleRanges() {
    assertThatThrownBy(() -> BitField.bits("X", 3, 4)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> BitField.bit("X", 64)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void knowsItsMaskAndWidth() {
    assertThat(TT.mask()).isEqualTo(0xC);
    assertThat(TT.width()).isEqualTo(2);
    assertThat(WORD.mask()).isEqualTo(-1);
  }
}

package dev.portcullis.management.boot;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ComparisonTest {
  @Test
  void whatIsShownDiffers() {
    assertThat(Comparison.difference("0123456789abcdef0123", "fedcba9876543210fedc"))
        .isEqualTo("0123456789abcdef…, not fedcba9876543210…");
    assertThat(Comparison.difference("console=ttyS0 panic=-1 loud", "console=ttyS0 panic=-1"))
        .isEqualTo("… loud, not …");
    assertThat(Comparison.difference("a", "ab")).isEqualTo("a, not ab");
    assertThat(Comparison.difference("", "b")).isEqualTo(", not b");
  }
}

package dev.portcullis.spec.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FaultReasonTest {

  @Test
  void thereIsAReasonForEveryCodeThatHasAMeaningAndForNoOther() {
    String codes =
        Arrays.stream(FaultReason.values())
            .map(FaultReason::code)
            .sorted()
            .map("%02x"::formatted)
            .collect(Collectors.joining(" "));
    assertThat(codes)
        .isEqualTo(
            "01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e "
                + "20 21 22 23 24 25 26 27 28 29 2a 2b "
                + "30 31 32 33 34 38 39 3a 40 41 42 43 44 45 46 47 48 49 "
                + "50 51 52 58 59 5a 5b 5c 5d 60 "
                + "70 71 72 73 74 75 76 77 78 79 7a 7b 7c 7d "
                + "80 81 82 83 84 85 86 87 89 90 91 a0 a1 a2 a3 a4 a5");
  }

  @Test
  void aReasonIsFoundByItsCode() {
    for (FaultReason reason : FaultReason.values()) {
      assertThat(FaultReason.of(reason.code())).contains(reason);
    }
    assertThat(FaultReason.of(0x88)).isEmpty();
  }

  @Test
  void thoseThatAreAlwaysRecordedAreThoseMetBeforeAnEntryCouldForbidIt() {
    List<Integer> always =
        Stream.of(FaultReason.values())
            .filter(reason -> reason.fpd() == FaultReason.Fpd.ALWAYS_RECORDED)
            .map(FaultReason::code)
            .sorted()
            .toList();
    assertThat(always)
        .containsExactly(
            0x01, 0x08, 0x09, 0x0a, 0x20, 0x21, 0x23, 0x25, 0x29, 0x2a, 0x2b, 0x30, 0x31, 0x32,
            0x33, 0x34, 0x38, 0x39, 0x3a, 0x40, 0x50, 0x58);
  }
}

package dev.portcullis.vmm.engine.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.engine.EngineException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlacesTest {
  private static RequesterId at(String text) {
    return RequesterId.parse(text);
  }

  @Test
  void functionsKeepTheirDevice() throws Exception {
    assertThat(Places.of(List.of(at("00:05.0"), at("00:10.0"))))
        .isEqualTo(Map.of(5, at("00:05.0"), 0x10, at("00:10.0")));
  }

  @Test
  void functionsBesideTheFirstAndThoseInTheChipsetsPlaceGetDevicesOfTheirOwn() throws Exception {
    assertThat(Places.of(List.of(at("00:05.0"), at("00:05.1"), at("00:1f.0"), at("01:05.0"))))
        .isEqualTo(
            Map.of(
                5, at("00:05.0"), 0x1e, at("00:05.1"), 0x1d, at("00:1f.0"), 0x1c, at("01:05.0")));
  }

  @Test
  void thereAreNoMoreThanDevices() throws Exception {
    List<RequesterId> many =
        IntStream.range(0, 31).mapToObj(i -> RequesterId.of(0x101 + i)).toList();
    assertThat(Places.of(many.subList(0, 30))).hasSize(30);
    assertThatThrownBy(() -> Places.of(many))
        .isInstanceOf(EngineException.class)
        .hasMessage("there is room for 30 functions, not 31");
  }
}

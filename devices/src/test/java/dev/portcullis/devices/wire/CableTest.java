package dev.portcullis.devices.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CableTest {
  @Test
  void whatGoesIntoOneEndComesOutOfTheOtherAndOfNoOther() {
    Cable cable = new Cable();
    cable.one().send(new byte[] {9});
    List<byte[]> atOne = new ArrayList<>();
    List<byte[]> atOther = new ArrayList<>();
    cable.one().connect(atOne::add);
    cable.other().connect(atOther::add);
    cable.one().send(new byte[] {1});
    cable.other().send(new byte[] {2});
    assertThat(atOther).containsExactly(new byte[] {1});
    assertThat(atOne).containsExactly(new byte[] {2});
  }
}

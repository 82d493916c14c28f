package dev.portcullis.machine.chassis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.memory.Fetched;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class HostMemoryTest {
  private static final long MIB = 1 << 20;

  @Test
  void highMemoryBeginsAt4GibAndIsItsOwn() throws Exception {
    try (HostMemory memory = HostMemory.of(2 * MIB, MIB)) {
      Fetched word = new Fetched();
      assertThat(memory.map().store64(0, 1)).isTrue();
      assertThat(memory.map().store64(HostMemory.HIGH, 2)).isTrue();
      assertThat(memory.map().fetch64(0, word)).isTrue();
      assertThat(word.lo).isEqualTo(1);
      assertThat(memory.map().fetch64(2 * MIB, word)).isFalse();
      assertThat(memory.map().fetch64(HostMemory.HIGH + MIB, word)).isFalse();
      assertThat(memory.at(HostMemory.HIGH, 8).get(ValueLayout.JAVA_LONG, 0)).isEqualTo(2);
      assertThat(memory.bytes()).isEqualTo(2 * MIB);
    }
  }

  @Test
  void processorsSeeNoMemoryInHoles() throws Exception {
    try (HostMemory memory = HostMemory.of(2 * MIB)) {
      assertThatThrownBy(() -> memory.at(2 * MIB - 4, 8))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> memory.at(HostMemory.HIGH, 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThat(memory.map().store64(HostMemory.HIGH, 1)).isFalse();
    }
  }
}

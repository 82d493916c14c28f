package dev.portcullis.machine.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InterruptSinkTest {
  private final List<String> taken = new ArrayList<>();
  private final InterruptSink sink = new InterruptSink();

  private InterruptSink.Gate gate(String name) {
    return (address, data) -> taken.add(name + " %x:%x".formatted(address, data));
  }

  @Test
  void aSendersOwnConnectionComesFirst() {
    sink.add(gate("first"));
    InterruptSink.Gate own = gate("own");
    sink.add(own);

    sink.preferring(own).send(0xfee00000L, 0x31);
    sink.deliver(0xfee00000L, 0x32);

    assertThat(taken).containsExactly("own fee00000:31", "first fee00000:32");
    assertThat(sink.delivered()).isEqualTo(2);
  }

  @Test
  void anotherConnectionHelpsOut() {
    InterruptSink.Gate closed = (address, data) -> false;
    sink.add(closed);
    sink.add(gate("second"));

    sink.preferring(closed).send(0xfee00000L, 0x31);

    assertThat(taken).containsExactly("second fee00000:31");
    assertThat(sink.lost()).isZero();
  }

  @Test
  void aMessageThatNobodyTakesIsCounted() {
    sink.deliver(0xfee00000L, 0x31);

    assertThat(sink.lost()).isEqualTo(1);
  }
}

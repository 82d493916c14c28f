package dev.portcullis.differential;

import dev.portcullis.qtest.client.Later;
import dev.portcullis.qtest.client.QtestException;
import java.util.ArrayList;
import java.util.List;

/// All that a scenario has seen, in order. Values arrive later than they are asked for.
final class Trace {
  private record Awaited(String step, Situation situation, String name, Later value) {}

  private final List<Awaited> awaited = new ArrayList<>();
  private String step = "start";
  private Situation situation;

  Trace(Situation.Mode mode) {
    situation = Situation.of(mode, 0);
  }

  /// The scenario does something.
  void step(String what) {
    step = what;
  }

  /// The scenario asks for a DMA.
  void dma(String what, Situation decided) {
    step = what;
    situation = decided;
  }

  /// The scenario looks at something.
  void see(String name, Later value) {
    awaited.add(new Awaited(step, situation, name, value));
  }

  /// What was seen since the last time.
  List<Observation> collect() throws QtestException {
    List<Observation> seen = new ArrayList<>(awaited.size());
    for (Awaited one : awaited) {
      seen.add(new Observation(one.step(), one.situation(), one.name(), one.value().value()));
    }
    awaited.clear();
    return seen;
  }
}

package dev.portcullis.vmm.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.vmm.engine.EngineState.Phase;
import java.util.EnumSet;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StateKeeperTest {
  private final StateKeeper keeper = new StateKeeper("user");
  private final LinkedBlockingQueue<EngineState> heard = new LinkedBlockingQueue<>();

  @AfterEach
  void close() {
    keeper.close();
  }

  private EngineState next() throws InterruptedException {
    return heard.poll(30, TimeUnit.SECONDS);
  }

  @Test
  void tellsEveryChangeInOrder() throws Exception {
    keeper.onChange(heard::add);
    keeper.set(EngineState.of(Phase.RUNNING));
    keeper.set(EngineState.of(Phase.RUNNING));
    keeper.set(EngineState.of(Phase.FAILED, "it died"));
    keeper.set(EngineState.of(Phase.OFF));
    assertThat(next()).isEqualTo(EngineState.of(Phase.RUNNING));
    assertThat(next()).hasToString("failed: it died");
    assertThat(next()).hasToString("off");
  }

  @Test
  void listenerThatFailsSilencesNobody() throws Exception {
    keeper.onChange(state -> {
      throw new IllegalStateException("mine");
    });
    keeper.onChange(heard::add);
    keeper.set(EngineState.of(Phase.RUNNING));
    keeper.set(EngineState.of(Phase.PAUSED));
    assertThat(next()).hasToString("running");
    assertThat(next()).hasToString("paused");
  }

  @Test
  void changesOnlyFromWhereItWasAsked() {
    assertThat(keeper.change(EnumSet.of(Phase.RUNNING), EngineState.of(Phase.PAUSED))).isFalse();
    assertThat(keeper.state()).hasToString("off");
    assertThat(keeper.change(EnumSet.of(Phase.OFF), EngineState.of(Phase.RUNNING))).isTrue();
  }

  @Test
  void saysWhatItIsWhenItCannotDoWhatIsAsked() {
    keeper.set(EngineState.of(Phase.FAILED, "it died"));
    assertThatThrownBy(() -> keeper.demand("pause", Phase.RUNNING))
        .isInstanceOf(EngineException.class)
        .hasMessage("cannot pause: it is failed: it died");
  }

  @Test
  void awaitsAPhaseAndNoLonger() throws Exception {
    assertThat(keeper.await(EnumSet.of(Phase.RUNNING), System.nanoTime())).isFalse();
    Thread.startVirtualThread(() -> keeper.set(EngineState.of(Phase.RUNNING)));
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    assertThat(keeper.await(EnumSet.of(Phase.RUNNING), deadline)).isTrue();
  }
}

package dev.portcullis.conformance.driver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.driver.DriverOptions;
import dev.portcullis.kit.driver.DriverScenario;
import dev.portcullis.kit.driver.InProcessPlatform;
import dev.portcullis.kit.driver.WriteBackMemory;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.TableMode;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// On a unit that does not look into the processor's caches, the driver flushes every entry it
/// writes: here nothing else reaches memory.
class CoherencyTest {
  private static final int SOURCE = 0x0018;
  private static final long QUEUE_PAGES = 2;

  private static Stream<Arguments> scenarios() {
    return Stream.of(TableMode.LEGACY, TableMode.SCALABLE)
        .flatMap(mode ->
            Stream.of(DriverScenario.values())
                .filter(scenario -> scenario.suits(Units.NOT_COHERENT.traits(mode)))
                // It has a guest's tables, which the guest must flush.
                .filter(scenario -> scenario != DriverScenario.A_GUEST_HAS_ITS_OWN_TABLES)
                .map(scenario -> Arguments.of(mode, scenario)));
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void whatTheDriverWritesIsFlushed(TableMode mode, DriverScenario scenario) throws Exception {
    List<Feature> coherent = List.of(Feature.COHERENT_TABLES, Feature.SCALABLE_WALK_COHERENCY);
    assertThat(coherent).noneMatch(Units.NOT_COHERENT.traits(mode)::has);
    long held = InProcessPlatform.tables() + QUEUE_PAGES * 4096;
    InProcessPlatform platform =
        new InProcessPlatform(
            Units.NOT_COHERENT.configuration(),
            memory -> new WriteBackMemory(memory, hpa -> hpa >= held));
    assertThat(scenario.run(platform, DriverOptions.DEFAULT.in(mode), SOURCE)).isTrue();
  }
}

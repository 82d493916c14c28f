package dev.portcullis.conformance.driver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.driver.DriverOptions;
import dev.portcullis.driver.discovery.UnitTraits;
import dev.portcullis.kit.driver.DriverScenario;
import dev.portcullis.kit.driver.InProcessPlatform;
import dev.portcullis.spec.register.TableMode;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Every scenario on every kind of unit that we have, in every mode it has.
class DriverScenarioTest {
  private static final int SOURCE = 0x0018;

  private static Stream<Arguments> scenarios() {
    return Stream.of(Units.values())
        .flatMap(unit ->
            Stream.of(TableMode.LEGACY, TableMode.SCALABLE)
                .filter(unit::has)
                .flatMap(mode -> scenariosOn(unit, mode)));
  }

  private static Stream<Arguments> scenariosOn(Units unit, TableMode mode) {
    UnitTraits traits = new UnitTraits(unit.configuration().capabilities(), mode);
    return Stream.of(DriverScenario.values())
        .filter(scenario -> scenario.suits(traits))
        .map(scenario -> Arguments.of(unit, mode, scenario));
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void holds(Units unit, TableMode mode, DriverScenario scenario) throws Exception {
    InProcessPlatform platform = new InProcessPlatform(unit.configuration());
    DriverOptions options = DriverOptions.DEFAULT.in(mode);
    assertThat(scenario.run(platform, options, SOURCE)).isTrue();
  }
}

package dev.portcullis.archrules;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// The floors of ARCHITECTURE.md, held on the compiled classes of all modules.
class ArchitectureTest {
  private static final String ROOT = "dev.portcullis.";

  /// What each module may see of the others. One that is not listed here is not built yet.
  private static final Map<String, List<String>> MAY_SEE =
      Map.ofEntries(
          Map.entry("spec", List.of()),
          Map.entry("memory", List.of()),
          Map.entry("pci", List.of()),
          Map.entry("linux", List.of()),
          Map.entry("net", List.of()),
          Map.entry("guest", List.of("net")),
          Map.entry("qemu", List.of()),
          Map.entry("qtest", List.of()),
          Map.entry("unit", List.of("spec", "memory", "pci")),
          Map.entry("driver", List.of("spec", "memory", "pci")),
          Map.entry("devices", List.of("pci", "memory", "net")),
          Map.entry("vfiouser", List.of("pci", "memory", "linux")),
          Map.entry(
              "machine",
              List.of(
                  "spec",
                  "memory",
                  "pci",
                  "linux",
                  "net",
                  "qemu",
                  "unit",
                  "driver",
                  "devices",
                  "vfiouser",
                  "qtest")),
          Map.entry(
              "vmm",
              List.of(
                  "spec",
                  "memory",
                  "pci",
                  "linux",
                  "net",
                  "unit",
                  "driver",
                  "devices",
                  "guest",
                  "qemu",
                  "vfiouser",
                  "machine")),
          Map.entry(
              "management",
              List.of(
                  "spec", "memory", "pci", "linux", "net", "unit", "driver", "devices", "guest",
                  "qemu", "machine", "vmm")),
          Map.entry("kit", List.of("spec", "memory", "pci", "unit", "driver")),
          Map.entry(
              "cli",
              List.of(
                  "spec",
                  "memory",
                  "pci",
                  "linux",
                  "net",
                  "qemu",
                  "unit",
                  "driver",
                  "devices",
                  "guest",
                  "vfiouser",
                  "qtest",
                  "machine",
                  "vmm",
                  "management")));

  private static final JavaClasses HOUSE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.portcullis");

  @Test
  void modulesSeeOnlyLowerFloors() {
    TreeSet<String> broken = new TreeSet<>();
    for (JavaClass user : HOUSE) {
      String from = module(user);
      for (var dependency : user.getDirectDependenciesFromSelf()) {
        JavaClass used = dependency.getTargetClass();
        if (used.getPackageName().startsWith(ROOT) && !module(used).equals(from)) {
          if (!MAY_SEE.getOrDefault(from, List.of()).contains(module(used))) {
            broken.add(from + " sees " + module(used) + ": " + dependency.getDescription());
          }
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void everyModuleHasItsFloor() {
    TreeSet<String> homeless = new TreeSet<>();
    for (JavaClass one : HOUSE) {
      if (!MAY_SEE.containsKey(module(one))) {
        homeless.add(module(one));
      }
    }
    assertThat(homeless).isEmpty();
  }

  private static String module(JavaClass of) {
    String rest = of.getPackageName().substring(ROOT.length());
    int dot = rest.indexOf('.');
    return dot < 0 ? rest : rest.substring(0, dot);
  }

  @Test
  void onlyTheLinuxModuleCallsNativeCode() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.portcullis.linux..")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.lang.foreign.Linker")
        .check(HOUSE);
  }

  @Test
  void theStationsOfTheUnitFormNoCycle() {
    slices()
        .matching("dev.portcullis.unit.(*)..")
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .check(HOUSE);
  }

  @Test
  void theRoomsOfEachModuleFormNoCycle() {
    for (String module : MAY_SEE.keySet()) {
      slices()
          .matching(ROOT + module + ".(**)")
          .should()
          .beFreeOfCycles()
          .allowEmptyShould(true)
          .check(HOUSE);
    }
  }

  @Test
  void theHotPathKnowsNoLogger() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "dev.portcullis.spec..",
            "dev.portcullis.memory..",
            "dev.portcullis.pci..",
            "dev.portcullis.unit..")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.lang.System$Logger")
        .check(HOUSE);
  }

  @Test
  void theGroundFloorNeedsNothingButTheJdk() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "dev.portcullis.spec..",
            "dev.portcullis.memory..",
            "dev.portcullis.pci..",
            "dev.portcullis.unit..")
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages("java..", "jdk..", "dev.portcullis..")
        .check(HOUSE);
  }
}

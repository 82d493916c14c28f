package dev.portcullis.machine.description;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MachineFileRefusalTest {

  private static String refusalOf(String yaml) {
    return catchThrowableOfType(
            MachineFileException.class,
            () -> MachineFile.parse("machine.yaml", Path.of("/machines"), yaml))
        .getMessage();
  }

  static Stream<Arguments> unitRefusals() {
    return Stream.of(
        Arguments.of("", "a mapping is needed here (lines of \"key: value\")"),
        Arguments.of("units: [", "not YAML: while parsing a flow node"),
        Arguments.of("memory: 1\nmemory: 2", "not YAML: Duplicate Object property \"memory\""),
        Arguments.of("memory: 512M", "\"units\" is missing"),
        Arguments.of("units: []", "units: at least one unit is needed"),
        Arguments.of("units: x", "units: a list is needed here (lines that begin with a dash)"),
        Arguments.of("units: [x]", "units[0]: a mapping is needed here (lines of \"key: value\")"),
        Arguments.of(
            "memory: lots\nunits: [{at: 00:04.0}]",
            "memory: \"lots\" is not a size, such as 512M or 1G or a number of bytes"),
        Arguments.of(
            "memory: 1M\nunits: [{at: 00:04.0}]",
            "memory: 1 MiB of memory: 128 MiB to 1 TiB, in steps of 1 MiB"),
        Arguments.of("units: [{id: a}]", "units[0]: \"at\" is missing"),
        Arguments.of(
            "units: [{id: a b, at: 00:04.0}]",
            "units[0].id: \"a b\" is not a name of letters, digits, - and _"),
        Arguments.of(
            "units: [{at: 00:04.0, preset: everything, features:"
                + " {interrupt-remapping-required: true}}, {at: 00:08.0}]",
            "one unit requires interrupt remapping, and another does not have it"),
        Arguments.of(
            "x2apic: opt-out\nunits: [{at: 00:04.0, preset: everything, features:"
                + " {extended-interrupt-mode-required: true}}]",
            "a unit requires extended interrupt mode, and x2APIC is opted out of"),
        Arguments.of(
            "units: [{at: 00:04.0, version: one}]",
            "units[0].version: \"one\" is not a version, such as 1.0"),
        Arguments.of(
            "units: [{at: 00:04.0, fault-records: 300}]",
            "units[0].fault-records: 300 is not a whole number from 1 to 256"),
        Arguments.of(
            "units: [{at: 00:04.0, address-widths: [40]}]",
            "units[0].address-widths[0]: \"40\" is none of 39, 48, 57"),
        Arguments.of(
            "units: [{at: 00:04.0, large-pages: [1G]}]",
            "units[0]: 1-GiB pages without 2-MiB pages"),
        Arguments.of(
            "units: [{at: 00:04.0, caches: {iotlb-4k: 100}}]",
            "units[0].caches: iotlb4KiB: 100 entries (a power of two, 4 to 4194304)"),
        Arguments.of(
            "units: [{at: 00:04.0, table-reads: never}]",
            "units[0].table-reads: \"never\" is none of current, until-flushed"),
        Arguments.of(
            "units: [{at: 00:04.0, features: {cache-mode: true}}]",
            "units[0].features.cache-mode: there is no such key; known here are abort-dma-mode,"),
        Arguments.of(
            "units: [{at: 00:04.0, features: {caching-mode: maybe}}]",
            "units[0].features.caching-mode: \"maybe\" is none of true, false"));
  }

  static Stream<Arguments> wordRefusals() {
    return Stream.of(
        Arguments.of(
            "units: [{at: 00:04.0, profile: everything, capabilities: {perfcap: 0x41}}]",
            "units[0].capabilities: PERFCAP.NCNTR 65: 0 to 64"),
        Arguments.of(
            "units: [{at: 00:04.0, profile: everything, capabilities: {perfcfgoff: 0x2080}}]",
            "units[0].capabilities: PERFCFGOFF 0x2080: a multiple of 0x100 that is not 0"),
        Arguments.of(
            "units: [{at: 00:04.0, profile: everything, capabilities: {eccap0: 1}}]",
            "units[0]: ECCAP0: commands 0x1 do not exist"),
        Arguments.of(
            "units: [{at: 00:04.0, profile: legacy, capabilities: {vccap: 3}}]",
            "units[0]: VCCAP needs VIRTUAL_COMMANDS"),
        Arguments.of(
            "units: [{at: 00:04.0, profile: everything, capabilities: {mtrrcap: ten}}]",
            "units[0].capabilities.mtrrcap: \"ten\" is not a word of 64 bits"));
  }

  static Stream<Arguments> wireRefusals() {
    return Stream.of(
        Arguments.of("pear", "\"pear\" is none of peer; did you mean \"peer\"?"),
        Arguments.of("{}", "say one of cable, stream, tap, replay; or \"wire: peer\""),
        Arguments.of("{tap: a, cable: b}", "say one of cable, stream, tap, replay"),
        Arguments.of("{cable: 1}", "wire.cable: \"1\" is not a name: a letter, then letters"),
        Arguments.of(
            "{cable: a}", "wire.cable: \"a\" leads nowhere: no other card's wire names it"),
        Arguments.of("{tap: a/b}", "wire.tap: \"a/b\" is no name of an interface: 1 to 15 letters"),
        Arguments.of("{tap: abcdefghijklmnop}", "is no name of an interface"),
        Arguments.of("{tap: a, listen: true}", "wire.listen: only a stream can listen"),
        Arguments.of("{stream: \"tcp:h:99999\"}", "\"tcp:h:99999\" names no port: 1 to 65535"),
        Arguments.of("{stream: \"a\\0b\"}", "is not a path"),
        Arguments.of("{tap: a, hub: b}", "wire.hub: there is no such key; known here are cable,"));
  }

  @ParameterizedTest
  @MethodSource("wireRefusals")
  void aWireThatLeadsNowhereIsRefusedWithItsLine(String wire, String reason) {
    assertThat(
            refusalOf(
                "units: [{at: 00:04.0}]\ndevices:\n- type: virtio-net\n  at: 00:05.0\n  wire: "
                    + wire))
        .startsWith("machine.yaml:5: devices[0].wire")
        .contains(reason);
  }

  @Test
  void aCableHasTwoEnds() {
    assertThat(
            refusalOf(
                "units: [{at: 00:04.0}]\ndevices:\n"
                    + "- {type: virtio-net, at: 00:05.0, wire: {cable: a}}\n"
                    + "- {type: virtio-net, at: 00:06.0, wire: {cable: a}}\n"
                    + "- {type: virtio-net, at: 00:07.0, wire: {cable: a}}\n"))
        .startsWith("machine.yaml:5: devices[2].wire.cable: both ends of \"a\" are taken");
  }

  static Stream<Arguments> profileRefusals() {
    return Stream.of(
        Arguments.of(
            "units: [{at: 00:04.0, profile: legasy}]",
            "units[0].profile: \"legasy\" is none of legacy, caching-mode, register-based,"
                + " scalable, everything, vtd-2007, client-39bit, server-legacy,"
                + " aggressive-caching; did you mean \"legacy\"?"),
        Arguments.of(
            "units: [{at: 00:04.0, profile: legacy, preset: legacy}]",
            "units[0].preset: an older word for \"profile\", which is there, too"),
        Arguments.of(
            "units: [{at: 00:04.0, capabilities: {cap: 0x1g}}]",
            "units[0].capabilities.cap: \"0x1g\" is not a word of 64 bits, such as"
                + " 0x00d2008c40660462"),
        Arguments.of(
            "units: [{at: 00:04.0, capabilities: {cap: 0x8}}]",
            "units[0].capabilities.cap: CAP 0x8: bits 0x8 are reserved"),
        Arguments.of(
            "units: [{at: 00:04.0, capabilities: {ecap: 0xf050db, version: 7.0}}]",
            "units[0]: from version 6 on a unit without SECOND_STAGE has no second-stage address"
                + " width"),
        Arguments.of(
            "units: [{at: 00:04.0, features: {pasid: true}}]",
            "units[0]: PASID needs SCALABLE_MODE"));
  }

  static Stream<Arguments> deviceRefusals() {
    return Stream.of(
        Arguments.of(
            "units: [{at: 00:04.0}, {at: 00:04.0}]", "units[1].at: 00:04.0 is taken by unit dmar0"),
        Arguments.of(
            "units: [{id: a, at: 00:04.0}, {id: a, at: 00:05.0}]",
            "units[1].id: there is a unit \"a\" already"),
        Arguments.of(
            "units: [{at: 00:04.0}]\ndevices: [{at: 00:05.0}]", "devices[0]: \"type\" is missing"),
        Arguments.of(
            "units: [{at: 00:04.0}]\ndevices: [{type: nmve, at: 00:05.0}]",
            "devices[0].type: \"nmve\" is none of nvme, edu, iommu-testdev, dma-engine,"
                + " virtio-net; did you mean \"nvme\"?"),
        Arguments.of(
            "units: [{at: 00:04.0}]\n"
                + "devices: [{type: edu, at: 00:05.0},{type: edu, at: '00:32.0'}]",
            "devices[1].at: \"00:32.0\" is not bus:device.function in hexadecimal, such as"
                + " 00:05.0"),
        Arguments.of(
            "units: [{at: 00:04.0}]\ndevices: [{type: edu, at: zero}]",
            "devices[0].at: \"zero\" is not bus:device.function in hexadecimal, such as 00:05.0"),
        Arguments.of(
            "units: [{at: 00:04.0}]\ndevices: [{type: edu, at: 01:05.0}]",
            "devices[0].at: 01:05.0 is not on bus 00, where all places are"),
        Arguments.of(
            "units: [{at: 00:04.1}]",
            "units[0].at: 00:04.1 is not function 0 of its device, the only place for a unit"),
        Arguments.of(
            "units: [{at: 00:04.0}]\ndevices: [{type: edu, at: 00:04.1}]",
            "devices[0].at: 00:04.1 needs a function 0 of its device, at 00:04.0"),
        Arguments.of(
            "units: [{at: 00:04.0}]\n"
                + "devices: [{type: virtio-net, at: 00:05.0, virtual-functions: 2},"
                + " {type: edu, at: 00:05.2}]",
            "devices[1].at: 00:05.2 is taken by virtual function 1 of 00:05.0"),
        Arguments.of(
            "units: [{at: 00:04.0}]\ndevices: [{type: edu, at: 00:1f.0}]",
            "devices[0].at: 00:1f.0 belongs to the chipset; 00:01.0 to 00:1e.7 are free"),
        Arguments.of(
            "units: [{at: 00:04.0}]\ndevices: [{type: edu, at: 00:05.0, unit: x}]",
            "devices[0].unit: \"x\" is none of dmar0"),
        Arguments.of(
            "units: [{at: 00:04.0}]\ndevices: [{type: nvme, at: 00:05.0, size: 5000}]",
            "devices[0].size: 5000 bytes is no size for a disk: at least 1 MiB, in steps of 4 KiB"),
        Arguments.of(
            "units: [{at: 00:04.0}]\ndevices: [{type: nvme, at: 00:05.0, fiel: x}]",
            "devices[0].fiel: there is no such key; known here are type, at, unit, file, size,"
                + " create, access, queue-pairs, most-queue-pairs, device-tlb, interrupts, name,"
                + " requester-id, reserved-memory, acs; did you mean \"file\"?"),
        Arguments.of(
            "units: [{at: 00:04.0}]\ndevices: [{type: edu, at: 00:05.0, file: x}]",
            "devices[0].file: there is no such key; known here are type, at, unit, dma-bits,"
                + " name, requester-id, reserved-memory, acs"));
  }

  static Stream<Arguments> topologyRefusals() {
    return Stream.of(
        Arguments.of(
            "{type: edu, at: 00:05.0, requester-id: 01:00.0}",
            "devices[0].requester-id: 01:00.0 is not on bus 00, where all bridges are"),
        Arguments.of(
            "{type: edu, at: 00:05.0, requester-id: 00:04.0}",
            "devices[0].requester-id: 00:04.0 is a unit's, which sends nothing"),
        Arguments.of(
            "{type: dma-engine, at: 00:05.0, requester-id: 00:1e.0}",
            "devices[0].requester-id: a device with a translation cache, PASIDs or virtual"
                + " functions is told from others by its own"),
        Arguments.of(
            "{type: edu, at: 00:05.0, requester-id: 00:1e.0},"
                + " {type: edu, at: 00:06.0, requester-id: 00:1e.0, unit: b}",
            "devices[0].requester-id: 00:06.0 has it, too, and is behind another unit; one"
                + " requester has one unit"),
        Arguments.of(
            "{type: edu, at: 00:05.0, reserved-memory: {at: 0x1000}}",
            "devices[0].reserved-memory: \"size\" is missing"),
        Arguments.of(
            "{type: edu, at: 00:05.0, reserved-memory: {at: top, size: 4K}}",
            "devices[0].reserved-memory.at: \"top\" is not an address, such as 0x1ff00000"),
        Arguments.of(
            "{type: edu, at: 00:05.0, reserved-memory: {at: 0x1000, size: 100}}",
            "devices[0].reserved-memory: reserved memory consists of whole pages of 4 KiB"),
        Arguments.of(
            "{type: edu, at: 00:05.0, reserved-memory: {at: 0x1ffff000, size: 8K}}",
            "devices[0].reserved-memory: 0x1ffff000-0x20000fff is not all in the 512 MiB there"),
        Arguments.of(
            "{type: edu, at: 00:05.0, reserved-memory: {at: 0x1000, size: 8K}},"
                + " {type: edu, at: 00:06.0, reserved-memory: {at: 0x2000, size: 8K}}",
            "devices[1].reserved-memory: 0x2000-0x3fff overlaps 0x1000-0x2fff of 00:05.0"));
  }

  @ParameterizedTest
  @MethodSource("topologyRefusals")
  void aTopologyThatCannotBeIsRefused(String devices, String reason) {
    String yaml = "units: [{at: 00:04.0}, {id: b, at: 00:08.0}]\ndevices: [" + devices + "]";
    assertThat(refusalOf(yaml)).isEqualTo("machine.yaml:2: " + reason);
  }

  @ParameterizedTest
  @MethodSource({"unitRefusals", "wordRefusals", "profileRefusals", "deviceRefusals"})
  void aMistakeIsRefusedWithItsPathAndReason(String yaml, String refusal) {
    assertThat(refusalOf(yaml).replaceFirst("^machine.yaml(:[0-9]+)?: ", ""))
        .startsWith(refusal)
        .doesNotContain("\n");
  }

  static Stream<Arguments> places() {
    return Stream.of(
        Arguments.of("units: [", "machine.yaml:1: not YAML"),
        Arguments.of("memory: 1\nmemory: 2", "machine.yaml:2: not YAML"),
        Arguments.of(
            "memory: 512M\nunits:\n  - at: 00:04.0\n    profile: legasy\n",
            "machine.yaml:4: units[0].profile: "),
        Arguments.of(
            "units: [{at: 00:04.0}]\ndevices:\n- {type: edu, at: 00:05.0}\n- type: nvme\n",
            "machine.yaml:4: devices[1]: \"at\" is missing"),
        Arguments.of(
            "units: [{at: 00:04.0, address-widths: [39,\n\n 40]}]",
            "machine.yaml:3: units[0].address-widths[1]: "),
        Arguments.of(
            "units: [{at: 00:04.0}]\ndevices:\n  - type: edu\n    at: 00:05.0\n    dmabits: 3\n",
            "machine.yaml:5: devices[0].dmabits: there is no such key"));
  }

  @ParameterizedTest
  @MethodSource("places")
  void aMistakeIsRefusedWithItsLine(String yaml, String refusal) {
    assertThat(refusalOf(yaml)).startsWith(refusal);
  }
}

package dev.portcullis.management.redfish;

import static dev.portcullis.management.redfish.Resource.map;

import java.util.List;
import java.util.Map;

/// What the service says of its own schemas.
final class Metadata {
  private static final List<String> SCHEMAS =
      List.of(
          "ServiceRoot",
          "ComputerSystemCollection",
          "ComputerSystem",
          "ProcessorCollection",
          "Processor",
          "MemoryCollection",
          "Memory",
          "EthernetInterfaceCollection",
          "EthernetInterface",
          "NetworkAdapterCollection",
          "NetworkAdapter",
          "NetworkInterfaceCollection",
          "NetworkInterface",
          "StorageCollection",
          "Storage",
          "DriveCollection",
          "Drive",
          "LogServiceCollection",
          "LogService",
          "LogEntryCollection",
          "LogEntry",
          "ChassisCollection",
          "Chassis",
          "SensorCollection",
          "Sensor",
          "PCIeDeviceCollection",
          "PCIeDevice",
          "PCIeFunctionCollection",
          "PCIeFunction",
          "ManagerCollection",
          "Manager",
          "SerialInterfaceCollection",
          "SerialInterface",
          "SessionService",
          "SessionCollection",
          "Session",
          "AccountService",
          "ManagerAccountCollection",
          "ManagerAccount",
          "RoleCollection",
          "Role",
          "UpdateService",
          "SoftwareInventoryCollection",
          "SoftwareInventory",
          "MessageRegistryFileCollection",
          "MessageRegistryFile",
          "MessageRegistry",
          "EventService",
          "EventDestinationCollection",
          "EventDestination",
          "Event",
          "TaskService",
          "TaskCollection",
          "Task");

  private static final List<String> SETS =
      List.of(
          "Systems",
          "Chassis",
          "Managers",
          "SessionService",
          "AccountService",
          "UpdateService",
          "EventService",
          "Registries",
          "TaskService");

  private Metadata() {}

  static Reply odata() {
    return new Reply(
        200,
        map(
            "@odata.context",
            Services.ROOT + "/$metadata",
            "value",
            SETS.stream()
                .map(set ->
                    Map.of("name", set, "kind", "Singleton", "url", Services.ROOT + "/" + set))
                .toList()),
        Map.of());
  }

  static Reply document() {
    StringBuilder text = new StringBuilder();
    text.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    text.append("<edmx:Edmx xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\"");
    text.append(" Version=\"4.0\">\n");
    for (String schema : SCHEMAS) {
      text.append("  <edmx:Reference Uri=\"http://redfish.dmtf.org/schemas/v1/");
      text.append(schema).append("_v1.xml\">\n    <edmx:Include Namespace=\"");
      text.append(schema).append("\"/>\n  </edmx:Reference>\n");
    }
    text.append("  <edmx:Reference Uri=\"").append(Oem.SCHEMA).append("\">\n");
    text.append("    <edmx:Include Namespace=\"Portcullis\"/>\n");
    text.append("    <edmx:Include Namespace=\"Portcullis.v1_0_0\"/>\n  </edmx:Reference>\n");
    text.append("  <edmx:DataServices>\n");
    text.append("    <Schema xmlns=\"http://docs.oasis-open.org/odata/ns/edm\"");
    text.append(" Namespace=\"Service\">\n      <EntityContainer Name=\"Service\"");
    text.append(" Extends=\"ServiceRoot.v1_16_0.ServiceContainer\"/>\n    </Schema>\n");
    text.append("  </edmx:DataServices>\n</edmx:Edmx>\n");
    return Reply.xml(text.toString());
  }
}

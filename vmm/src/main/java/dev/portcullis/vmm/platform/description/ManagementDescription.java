package dev.portcullis.vmm.platform.description;

import dev.portcullis.vmm.fault.FaultRule;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What management does: which rules faults are held against, and where events go.
///
/// @param rules in their order
/// @param services file that says what the services partition does for the others
/// @param json file for CloudEvents
/// @param audit file for the audit log
/// @param syslogFile file for syslog messages
/// @param syslogUdp who receives them as datagrams
/// @param syslogTcp who receives them as a stream
public record ManagementDescription(
    List<FaultRule> rules,
    Optional<Path> services,
    Optional<Path> json,
    Optional<Path> audit,
    Optional<Path> syslogFile,
    Optional<InetSocketAddress> syslogUdp,
    Optional<InetSocketAddress> syslogTcp) {
  public ManagementDescription {
    rules = List.copyOf(rules);
  }
}

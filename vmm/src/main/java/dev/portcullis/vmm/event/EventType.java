package dev.portcullis.vmm.event;

/// What can be told.
public enum EventType {
  /// The unit has refused a request.
  FAULT_REFUSED("fault.refused"),
  /// It has refused more of a function than are told one by one.
  FAULT_WITHHELD("fault.withheld"),
  /// It has refused some that it had no record left for.
  FAULT_LOST("fault.lost"),
  /// A rule has had something done, or tried to.
  RULE_ACTION("rule.action"),
  /// More had to be done at once than is kept waiting.
  RULE_OVERRUN("rule.overrun"),
  /// A partition is doing otherwise than before.
  PARTITION_STATE("partition.state"),
  /// A partition may begin: what it boots from is as it should be.
  BOOT_ADMITTED("boot.admitted"),
  /// A partition stays off: what it boots from is not as it should be.
  BOOT_REFUSED("boot.refused"),
  /// A partition is being rebuilt, or was.
  REBUILD_STATE("rebuild.state"),
  /// A partition is being brought to the platform, is there, or was taken away.
  PROVISION_STATE("provision.state"),
  /// Memory that must not change is watched from now on, or no more.
  INTEGRITY_WATCH("integrity.watch"),
  /// Memory that must not change has changed.
  INTEGRITY_VIOLATION("integrity.violation"),
  /// Somebody was kept from changing memory that must not change.
  INTEGRITY_DENIED("integrity.denied"),
  /// A partition has come under suspicion, was contained, or is trusted again.
  CONTAINMENT_STATE("containment.state"),
  /// A change of containment that is not allowed was refused.
  CONTAINMENT_REFUSED("containment.refused"),
  /// A function was assigned, released, reassigned, or stopped.
  FUNCTION_STATE("function.state"),
  /// Access control has collected what a partition is and has.
  ACCESS_COLLECTION("access.collection"),
  /// It has a report of it that is to be believed.
  ACCESS_REPORTING("access.reporting"),
  /// It does not believe what it was told.
  ACCESS_REPORT_REFUSED("access.report-refused"),
  /// It has decided how much a partition may.
  ACCESS_EVALUATION("access.evaluation"),
  /// It has what it decided in force.
  ACCESS_ENFORCEMENT("access.enforcement"),
  /// It has something done about a partition that is not as it should be.
  ACCESS_REMEDIATION("access.remediation"),
  /// Its policy is another than before, or the file of another makes no sense.
  ACCESS_POLICY("access.policy"),
  /// How much of the network a partition has is otherwise than before.
  NETWORK_ACCESS("network.access"),
  /// Another person writes on a partition's console.
  CONSOLE_WRITER("console.writer"),
  /// A diagnosis has found something wrong, or has ended.
  HEALTH_CHECK("health.check"),
  /// Something that is ill was repaired, or could not be.
  HEALTH_REPAIR("health.repair"),
  /// Something works otherwise than before so that it costs less, or as it did before.
  HEALTH_OPTIMISATION("health.optimisation"),
  /// Somebody had something done from afar, or tried to.
  REMOTE_ACTION("remote.action"),
  /// The platform was started or is being ended.
  PLATFORM_STATE("platform.state"),
  /// The monitor could not do something.
  PLATFORM_TROUBLE("platform.trouble"),
  /// Events did not reach a sink.
  EVENTS_LOST("events.lost");

  private static final String PREFIX = "dev.portcullis.";

  private final String word;

  EventType(String word) {
    this.word = word;
  }

  /// Such as `fault.refused`.
  public String word() {
    return word;
  }

  /// Such as `dev.portcullis.fault.refused`.
  public String qualified() {
    return PREFIX + word;
  }
}

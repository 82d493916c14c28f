package dev.portcullis.management.redfish;

import dev.portcullis.management.health.Diagnosis;
import dev.portcullis.management.health.Optimiser;
import dev.portcullis.management.provision.Provisioning;
import dev.portcullis.management.recovery.Recovery;

/// What has a platform well, and its partitions come and go.
public record Care(
    Recovery recovery, Diagnosis diagnosis, Optimiser optimiser, Provisioning provisioning) {}

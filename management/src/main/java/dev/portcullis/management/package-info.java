/// What the services partition does for the others. Start with [ManagementFile], which reads what
/// is wanted, and [ManagementServices], which does it on a running platform.
package dev.portcullis.management;

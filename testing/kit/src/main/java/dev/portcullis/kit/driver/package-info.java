/// The driver at work on a unit: in this process, or behind whatever implements
/// [dev.portcullis.kit.driver.DrivenPlatform].
package dev.portcullis.kit.driver;

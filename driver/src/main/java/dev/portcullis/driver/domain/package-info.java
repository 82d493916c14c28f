/// Domains: what addresses mean to the devices attached to one. Start with
/// [dev.portcullis.driver.domain.Domain].
package dev.portcullis.driver.domain;

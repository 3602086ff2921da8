// The broker's settings as a file: YAML with one setting a line, "max-inflight: 20".
// Read whole or not at all: whatever is not understood is answered with its line and column, both from 1.
#pragma once

#include "core/notation/broker_settings.h"

#include "core/broker/access_text.h"

namespace sessionscope::cli {

/// The largest file that is read.
inline constexpr qsizetype largestSettingsFile = 1024 * 1024;

/// Sets what text says on top of settings. Paths in it are taken as relative to folder.
std::optional<TextError> applyFile(BrokerSettings &settings, const QByteArray &text, const QString &folder);

/// Everything that is set, in a form that applyFile() takes, each setting with its help.
QString fileText(const BrokerSettings &settings);

/// "FILE:LINE:COLUMN: what".
QString placedText(const QString &fileName, const TextError &error);

} // namespace sessionscope::cli

// A finished recording: its text, whether it does the same again, and where it goes: a file, the clipboard, nowhere.
#pragma once

#include "core/scenario/recorder.h"

#include <QDialog>

class QLabel;
class QLineEdit;
class QPlainTextEdit;

namespace sessionscope {

class RecordingDialog : public QDialog
{
    Q_OBJECT

public:
    /// lasted: from the first to the last moment of the recording.
    RecordingDialog(const Recorder &recording, Duration lasted, QWidget *parent = nullptr);

    /// The file as it is shown.
    QByteArray text() const;
    /// Asks where to, and closes when it is saved.
    void save();
    /// Closes; asks before a recording is lost that was neither saved nor copied.
    void reject() override;

Q_SIGNALS:
    void saved(const QString &path);

private:
    QWidget *buildFacts(Duration lasted);
    QWidget *buildVerdict();
    QWidget *buildButtons();
    void rename(const QString &name);
    void copy();

    Recorder m_recording;
    QLineEdit *m_name;
    QPlainTextEdit *m_text;
    QLabel *m_told;
    bool m_isKept = false; ///< in a file or the clipboard
};

} // namespace sessionscope

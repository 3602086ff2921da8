// Works a main window as a user does: finds controls by their names, types and clicks. Owns engine and window.
#pragma once

#include "core/engine/engine.h"
#include "ui/connect/connect_values.h"
#include "ui/shell/client_page.h"
#include "ui/shell/main_window.h"

namespace sessionscope {

class WindowDriver
{
public:
    /// The bundled broker takes a free port of 127.0.0.1.
    WindowDriver();

    MainWindow &window() { return m_window; }
    /// Whether the bundled broker came up in time.
    bool isListening();

    /// Selects a profile in the list and returns its page.
    ClientPage *open(const QString &profile);
    void pressConnect();
    void subscribe(const QString &filter, Qos qos, quint32 identifier = 0);
    void publish(const QString &topic, const QString &payload, Qos qos);
    void press(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier);

    /// The texts of the pills in the header of the page in front.
    QStringList pills();
    const ClientView *client(const QString &profile);
    const ServerSessionView *session(const QString &clientId);

private:
    Engine m_engine;
    MainWindow m_window;
};

/// The child with this accessible name; nullptr when there is none.
template<class T> T *named(const QWidget &parent, const QString &name)
{
    for (T *child : parent.findChildren<T *>()) {
        if (child->accessibleName() == name)
            return child;
    }
    return nullptr;
}

/// One column of a table as texts.
QStringList column(const QAbstractItemModel &model, int column);

} // namespace sessionscope

// A LinkSink that writes down what it is told, one line a call, and keeps the bytes of each link.
#pragma once

#include "core/link/network.h"

#include <QMap>
#include <QStringList>

#include <functional>

namespace sessionscope {

class RecordingSink : public LinkSink
{
public:
    QStringList events;              ///< without bytes, drains and turn ends
    QMap<quint32, QByteArray> bytes; ///< by receiving link
    QList<LinkId> accepted;          ///< in order
    QList<LinkId> drained;           ///< in order
    int arrivals = 0;                ///< calls of bytesArrived
    int turns = 0;                   ///< calls of turnEnded
    std::function<void(LinkId)> onAccepted;
    std::function<void(LinkId, const QByteArray &)> onBytes;
    std::function<void()> onTurnEnd;

    LinkId linkAccepted(const QString &) override
    {
        accepted.append(LinkId{m_nextAccepted++});
        note(QStringLiteral("accepted"), accepted.last());
        const LinkId link = accepted.last();
        if (onAccepted)
            onAccepted(link);
        return link;
    }
    void linkOpened(LinkId link, const QString &peerName) override
    {
        note(QStringLiteral("opened"), link);
        peer = peerName;
    }
    void linkFailed(LinkId link, const QString &why) override
    {
        note(QStringLiteral("failed"), link);
        failure = why;
    }
    void bytesArrived(LinkId link, const QByteArray &piece) override
    {
        ++arrivals;
        bytes[link.value] += piece;
        if (onBytes)
            onBytes(link, piece);
    }
    void linkClosed(LinkId link, ClosedBy by, const QString &detail) override
    {
        details[link.value] = detail;
        static const QMap<ClosedBy, QString> words{{ClosedBy::Us, QStringLiteral("us")},
                                                   {ClosedBy::Peer, QStringLiteral("peer")},
                                                   {ClosedBy::PeerReset, QStringLiteral("reset")},
                                                   {ClosedBy::Error, QStringLiteral("error")}};
        note(QStringLiteral("closed by ") + words.value(by), link);
    }
    void linkDrained(LinkId link) override { drained.append(link); }
    void acceptingPaused(const QString &why) override { pauses.append(why); }
    void turnEnded() override
    {
        ++turns;
        if (onTurnEnd)
            onTurnEnd();
    }

    bool saw(LinkId link, const char *what) const { return events.contains(line(link, what)); }
    qsizetype count(const char *what) const { return events.filter(u' ' + QLatin1String(what)).size(); }
    static QString line(LinkId link, const char *what)
    {
        return QString::number(link.value) + u' ' + QLatin1String(what);
    }

    QString peer;                   ///< of the last linkOpened
    QString failure;                ///< of the last linkFailed
    QMap<quint32, QString> details; ///< of linkClosed
    QStringList pauses;             ///< of acceptingPaused

private:
    void note(const QString &what, LinkId link) { events.append(QString::number(link.value) + u' ' + what); }

    // Far from the ids that tests choose for their own ends.
    quint32 m_nextAccepted = 1'000'000;
};

} // namespace sessionscope

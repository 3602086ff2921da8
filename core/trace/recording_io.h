// Fields of events to and from JSON, for record_fields.h. Private to the recording.
#pragma once

#include "core/trace/record_fields.h"
#include "core/trace/recording.h"

#include <QJsonArray>
#include <QJsonObject>

namespace sessionscope {

template<class T> inline constexpr bool isStrongId = false;
template<class Tag, class Rep> inline constexpr bool isStrongId<StrongId<Tag, Rep>> = true;

/// The latest time that is read, in milliseconds: such times can be added, and turned into finer units.
inline constexpr qint64 recordingTimeLimit = 5'000'000'000'000;
bool takeHex(const QJsonValue &found, QByteArray &value);
/// Text where it is UTF-8, else { "hex": … }.
QJsonValue bytesValue(const QByteArray &bytes);
std::optional<QByteArray> bytesOf(const QJsonValue &value);

class FieldWriter
{
public:
    /// mask: what a frame of this record looks like without its secrets.
    FieldWriter(QJsonObject &object, std::function<QByteArray(const QByteArray &)> mask)
        : m_object(object), m_mask(std::move(mask))
    {
    }

    template<class T> void operator()(const char *name, const T &value)
    {
        m_object.insert(QLatin1String(name), valueOf(value));
    }
    template<class T> void operator()(const char *name, const std::optional<T> &value)
    {
        if (value)
            (*this)(name, *value);
    }
    /// A field that came later than the form.
    template<class T> void later(const char *name, const T &value) { (*this)(name, value); }
    void operator()(const char *name, const std::optional<Malformed> &malformed)
    {
        if (!malformed)
            return;
        QJsonObject inner;
        FieldWriter writer(inner, m_mask);
        Malformed copy = *malformed;
        fields(writer, copy);
        m_object.insert(QLatin1String(name), inner);
    }
    void frame(const char *name, const PacketTrace &trace) { bytes(name, m_mask(trace.frame())); }
    void frame(const char *name, const FaultTrace &fault)
    {
        if (!fault.bytes.isEmpty())
            bytes(name, m_mask(fault.bytes));
    }

private:
    void bytes(const char *name, const QByteArray &bytes)
    {
        m_object.insert(QLatin1String(name), QString::fromLatin1(bytes.toHex()));
    }

    template<class T> static QJsonValue valueOf(const T &value)
    {
        if constexpr (std::is_same_v<T, QString> || std::is_same_v<T, bool>)
            return value;
        else if constexpr (std::is_same_v<T, QByteArray>)
            return bytesValue(value);
        else if constexpr (std::is_same_v<T, const char *>)
            return QString::fromUtf8(value);
        else if constexpr (std::is_same_v<T, PublishPacket>)
            return QString::fromLatin1(encode(Packet{value, {}}, Version::V5).toHex());
        else if constexpr (std::is_same_v<T, Instant>)
            return qint64(value.time_since_epoch().count());
        else if constexpr (std::is_same_v<T, Duration>)
            return qint64(value.count());
        else if constexpr (std::is_same_v<T, PacketType>)
            return QString::fromLatin1(packetTypeName(value));
        else if constexpr (isStrongId<T>)
            return qint64(value.value);
        else if constexpr (wordCountOf<T> > 0)
            return QString::fromLatin1(wordsOf<T>[std::size_t(value)]);
        else if constexpr (requires { value.begin(); })
            return listOf(value);
        else
            return qint64(value);
    }
    template<class List> static QJsonArray listOf(const List &list)
    {
        QJsonArray array;
        for (const auto &item : list)
            array.append(valueOf(item));
        return array;
    }

    QJsonObject &m_object;
    std::function<QByteArray(const QByteArray &)> m_mask;
};

class FieldReader
{
public:
    FieldReader(const QJsonObject &object, std::set<QByteArray> &words) : m_object(object), m_words(words) {}

    /// The first field that is not as it should be; empty: all are.
    const QString &wrong() const { return m_wrong; }

    template<class T> void operator()(const char *name, T &value)
    {
        const QJsonValue found = m_object.value(QLatin1String(name));
        if (!take(found, value))
            fail(name);
    }
    template<class T> void operator()(const char *name, std::optional<T> &value)
    {
        if (m_object.contains(QLatin1String(name)))
            (*this)(name, value.emplace());
    }
    template<class T> void later(const char *name, T &value)
    {
        if (m_object.contains(QLatin1String(name)))
            (*this)(name, value);
    }
    void operator()(const char *name, std::optional<Malformed> &malformed)
    {
        if (!m_object.contains(QLatin1String(name)))
            return;
        FieldReader inner(m_object.value(QLatin1String(name)).toObject(), m_words);
        fields(inner, malformed.emplace());
        if (!inner.wrong().isEmpty())
            fail(name);
    }
    void frame(const char *name, PacketTrace &trace)
    {
        if (!takeHex(m_object.value(QLatin1String(name)), trace.head) || trace.head.isEmpty())
            fail(name);
    }
    void frame(const char *name, FaultTrace &fault)
    {
        if (m_object.contains(QLatin1String(name)) && !takeHex(m_object.value(QLatin1String(name)), fault.bytes))
            fail(name);
    }

private:
    void fail(const char *name)
    {
        if (m_wrong.isEmpty())
            m_wrong = QLatin1String(name);
    }

    template<class T> bool take(const QJsonValue &found, T &value)
    {
        if constexpr (std::is_same_v<T, QString>) {
            value = found.toString();
            return found.isString();
        } else if constexpr (std::is_same_v<T, bool>) {
            value = found.toBool();
            return found.isBool();
        } else if constexpr (std::is_same_v<T, QByteArray>) {
            const auto bytes = bytesOf(found);
            value = bytes.value_or(QByteArray());
            return bytes.has_value();
        } else if constexpr (std::is_same_v<T, const char *>) {
            value = wordOf(found.toString().toUtf8());
            return found.isString();
        } else if constexpr (std::is_same_v<T, PublishPacket>) {
            QByteArray frame;
            const auto packet =
                takeHex(found, frame) && !frame.isEmpty() ? decode(frame, Version::V5) : DecodeResult(Malformed{});
            const auto *publish = packet ? packet->template as<PublishPacket>() : nullptr;
            if (publish)
                value = *publish;
            return publish != nullptr;
        } else if constexpr (std::is_same_v<T, PacketType>) {
            return takeType(found.toString(), value);
        } else if constexpr (wordCountOf<T> > 0) {
            return takeWord(found.toString(), value);
        } else if constexpr (requires { value.begin(); }) {
            return takeList(found, value);
        } else {
            return takeNumber(found, value);
        }
    }

    template<class T> static bool takeNumber(const QJsonValue &found, T &value)
    {
        if (!found.isDouble())
            return false;
        const qint64 number = found.toInteger(-1);
        if constexpr (std::is_same_v<T, Instant> || std::is_same_v<T, Duration>) {
            value = T(Duration(number));
            return number >= 0 && number <= recordingTimeLimit * 1000;
        } else if constexpr (isStrongId<T>) {
            value.value = decltype(value.value)(number);
            return number >= 0 && qint64(value.value) == number;
        } else {
            value = T(number);
            if (number < 0 || qint64(value) != number)
                return false;
        }
        if constexpr (std::is_same_v<T, Version>)
            return value == Version::V31 || value == Version::V311 || value == Version::V5;
        return true;
    }
    static bool takeType(const QString &word, PacketType &value)
    {
        for (int type = 0; type <= int(PacketType::Auth); ++type) {
            value = PacketType(type);
            if (word == QLatin1String(packetTypeName(value)))
                return true;
        }
        return false;
    }
    template<class T> static bool takeWord(const QString &word, T &value)
    {
        for (std::size_t i = 0; i < wordCountOf<T>; ++i) {
            value = T(i);
            if (word == QLatin1String(wordsOf<T>[i]))
                return true;
        }
        return false;
    }
    template<class List> bool takeList(const QJsonValue &found, List &list)
    {
        bool isAll = found.isArray();
        for (const QJsonValue item : found.toArray()) {
            typename List::value_type value{};
            isAll = take(item, value) && isAll;
            list.append(value);
        }
        return isAll;
    }
    /// Records refer to words that live as long as the recording.
    const char *wordOf(const QByteArray &word) { return m_words.insert(word).first->constData(); }

    const QJsonObject m_object;
    std::set<QByteArray> &m_words;
    QString m_wrong;
};

} // namespace sessionscope

using System.Data.Common;
using System.Text;
using AkkaCompute.Lighthouse.Outputs;

namespace AkkaCompute.Lighthouse.Journal;

/// <summary>A row of table <c>inline_output</c>: the end of an attempt's output.</summary>
/// <param name="Checksum">See <see cref="Sum"/>; null when an akc wrote it that knew none.</param>
internal sealed record StoredInline(string JobId, int Task, int Attempt, int FirstSegment, byte[] Packed, long? Checksum)
{
    /// <summary>What <see cref="Read"/> reads.</summary>
    /// <param name="hasChecksums">False for a journal before format 3.</param>
    public static string Columns(bool hasChecksums = true) =>
        "job, task, attempt, first_segment, bytes, " + (hasChecksums ? "checksum" : "NULL");

    public static StoredInline Of(InlineRow row)
    {
        var stored = new StoredInline(row.JobId, row.Task, row.Attempt, row.FirstSegment, InlineBytes.Pack(row.Output), Checksum: null);
        return stored with { Checksum = stored.Sum() };
    }

    public static StoredInline Read(DbDataReader row) => new(
        row.GetString(0), row.GetInt32(1), row.GetInt32(2), row.GetInt32(3), row.GetFieldValue<byte[]>(4), row.IsDBNull(5) ? null : row.GetInt64(5));

    /// <exception cref="InvalidDataException">It is not what was written.</exception>
    public IReadOnlyList<(int Stream, ReadOnlyMemory<byte> Bytes)> Segments()
    {
        if (Checksum is { } sum && sum != Sum())
        {
            throw new InvalidDataException("its checksum is another");
        }

        return InlineBytes.Unpack(Packed);
    }

    /// <summary>CRC-32C of all that the row says: right bytes of another attempt, or at another place, are wrong ones.</summary>
    private long Sum() => SegmentRecord.SumOf([.. Encoding.UTF8.GetBytes($"{JobId}/{Task}/{Attempt}/{FirstSegment}\n"), .. Packed]);
}

using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Api;

/// <summary>What is wrong with the items of a submit.</summary>
internal static class ItemsCheck
{
    public static void AddErrors(List<string> errors, SubmitRequest request)
    {
        var (items, kind) = (request.Items, request.Template?.Items);
        if (items is null || kind is null)
        {
            if (items is not null || kind is not null)
            {
                errors.Add("items: how many there are (items) and what they are (template.items) belong together");
            }

            return;
        }

        if (items.Count is <= 0 or > JobSpec.TaskCountMax || items.Chunk < JobItems.Auto)
        {
            errors.Add($"items: 1 to {JobSpec.TaskCountMax}, in chunks of 1 or more, or of {JobItems.Auto} to have them sized");
        }
        else if (request.TaskCount != items.TaskCount)
        {
            errors.Add($"taskCount: {items.TaskCount} for {items.Count} items in chunks of {items.Chunk}, not {request.TaskCount}");
        }
        else if (Complaint(items, kind) is { } complaint)
        {
            errors.Add(complaint);
        }
    }

    private static string? Complaint(JobItems items, TaskItems kind)
    {
        if (kind is not RangeItems && !Digest.IsValid(kind.Tree))
        {
            return "items: not the digest of a blob";
        }

        if (kind is not RangeItems && items.Files is not null)
        {
            return "items: only numbers name the files that they leave";
        }

        return kind switch
        {
            RangeItems range when range.Step == 0 || (Int128)range.First + ((Int128)range.Step * items.Count) is var end && (end > long.MaxValue || end < long.MinValue) =>
                "items: a range steps by something else than 0 and stays within 64 bits",
            ListItems lists => ComplaintOfLists(lists.Counts, items),
            RowItems rows when !TreePath.IsSafe(rows.In) || !TreePath.IsSafe(rows.Out) || TreePath.Clash([rows.In, rows.Out]) is not null || !Enum.IsDefined(rows.Format) =>
                "items: in and out are two names in the work directory, without '..'",
            RowItems rows when items.Join is { } join && (join.File != rows.Out || join.Format != rows.Format) => "items: what is joined is what the tasks leave in out",
            not RowItems when items.Join is not null => "items: only records are joined",
            RangeItems range when items.Files is { } files && (files.First != range.First || files.Step != range.Step || !files.IsSound(items.Count)) =>
                "items: files are named by the numbers of the range, PREFIX, 1 to 19 digits, SUFFIX; a grid has a tile an item",
            _ => null,
        };
    }

    private static string? ComplaintOfLists(IReadOnlyList<int>? counts, JobItems items)
    {
        if (counts is not { Count: > 0 and <= ListItems.ListsMax } || !counts.All(count => count is > 0 and <= JobSpec.TaskCountMax))
        {
            return $"items: 1 to {ListItems.ListsMax} lists of at least one value each";
        }

        return items.Chunk != 1 ? "items: combinations are a task each (chunk 1)"
            : counts.Aggregate((Int128)1, (product, count) => product * count) != items.Count ? "items: as many as there are combinations of the lists' values"
            : null;
    }
}

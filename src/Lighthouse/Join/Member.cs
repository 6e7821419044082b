namespace AkkaCompute.Lighthouse.Join;

internal enum MemberKind
{
    Person,
    Node,
}

/// <summary>What a person may do: a viewer looks, a friend submits too, the owner invites and ends any job.</summary>
internal enum Role
{
    Viewer,
    Friend,
    Owner,
}

/// <summary>Someone who belongs to the pool.</summary>
/// <param name="Owner">Of a node the person who lends it; of a person the same as <paramref name="Name"/>.</param>
internal sealed record Member(string Id, MemberKind Kind, string Name, string Owner, Role Role);

/// <summary>Why something was not done, as a value: one of <see cref="Protocol.Api.ProblemCodes"/> and one line for people.</summary>
internal sealed record Refusal(string Code, string Detail);

/// <summary>What people and nodes may be called.</summary>
internal static class MemberName
{
    /// <summary>Fits a column of <c>akc peers</c>.</summary>
    public const int LengthMax = 40;

    /// <summary>Null when <paramref name="name"/> can be one; otherwise what to do. <paramref name="option"/> is the option of <c>akc</c> that sets it.</summary>
    public static string? Complaint(string? name, string option) =>
        name is { Length: > 0 and <= LengthMax } && name.All(IsAllowed) && char.IsLetterOrDigit(name[0]) && name[^1] != ' '
            ? null
            : $"a name has 1 to {LengthMax} letters, digits, spaces and any of . - _ @ + and begins with a letter or digit: choose another with {option}";

    private static bool IsAllowed(char c) => char.IsLetterOrDigit(c) || c is ' ' or '.' or '-' or '_' or '@' or '+';
}

namespace AkkaCompute.Cli.Doctor;

/// <summary>One thing that <c>doctor</c> looked at.</summary>
/// <param name="State"><c>good</c>, <c>note</c> (worth knowing) or <c>bad</c>.</param>
/// <param name="Todo">What to do about it, or null.</param>
internal sealed record DoctorCheck(string Name, string State, string Finding, string? Todo = null)
{
    public static DoctorCheck Good(string name, string finding) => new(name, "good", finding);

    public static DoctorCheck Note(string name, string finding, string? todo = null) => new(name, "note", finding, todo);

    public static DoctorCheck Bad(string name, string finding, string todo) => new(name, "bad", finding, todo);
}

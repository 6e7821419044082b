using System.CommandLine;
using AkkaCompute.Lighthouse.Join;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Options;

/// <summary>What this machine is called and lends: the same for <c>up</c> and <c>join</c>.</summary>
internal sealed class MachineOptions
{
    private static readonly string[] Sandboxes = ["auto", "bubblewrap", "plain"];

    private readonly Option<string?> _name = Opt.Text("--name", "NAME", "what this machine is called in the pool (default: its host name)").From("name");
    private readonly Option<int?> _cores = Opt.Count("--cores", "cores to lend (default: all)", 1, 1024).From("cores", 1, 1024);
    private readonly Option<long?> _memory = Opt.Memory("--memory", "memory to lend (default: 80 %, and at least 1 GiB stays yours)").From("memory");
    private readonly Option<int?> _gpus = Opt.Count("--gpus", "GPUs to lend (default: all)", 0, 64).From("gpus", 0, 64);
    private readonly Option<string?> _sandbox = Opt.Text("--sandbox", "KIND", "auto, bubblewrap or plain (default: auto)").From("sandbox");
    private readonly Option<bool> _trustGuests = Opt.Flag("--trust-guests", "let guests' tasks run without a sandbox where there is none").From("trust-guests");

    public MachineOptions()
    {
        CheckName(_name);
        _sandbox.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } kind && !Sandboxes.Contains(kind))
            {
                result.AddError($"--sandbox is '{kind}': write auto, bubblewrap or plain");
            }
        });
    }

    public void AddTo(Command command)
    {
        command.Options.Add(_name);
        command.Options.Add(_cores);
        command.Options.Add(_memory);
        command.Options.Add(_gpus);
        command.Options.Add(_sandbox);
        command.Options.Add(_trustGuests);
    }

    public Machine Read(ParseResult parsed) => new(
        parsed.GetValue(_name), parsed.GetValue(_cores), parsed.GetValue(_memory), parsed.GetValue(_gpus), parsed.GetValue(_sandbox),
        parsed.GetValue(_trustGuests));

    public static Option<string?> User()
    {
        var option = Opt.Text("--user", "NAME", "what you are called in the pool (default: your name on this computer)").From("user");
        CheckName(option);
        return option;
    }

    /// <summary>What the Lighthouse would refuse is said before it is asked.</summary>
    private static void CheckName(Option<string?> option) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<string?>() is { } name && MemberName.Complaint(name, option.Name) is { } complaint)
        {
            result.AddError(complaint);
        }
    });
}

/// <param name="Name">Null for what it was called before, else the host's name.</param>
internal sealed record Machine(string? Name, int? Cores, long? MemoryBytes, int? Gpus, string? Sandbox, bool TrustGuests)
{
    private const int NameLengthMax = 40;

    /// <summary>The node as it is to be: what was said now, else what it was.</summary>
    public NodeMembership Over(NodeMembership? before, string id, string name, string token) => new(
        id, name, token, Cores ?? before?.CoresLent, MemoryBytes ?? before?.MemoryBytesLent, Gpus ?? before?.GpusLent,
        Sandbox ?? before?.Sandbox ?? "auto", TrustGuests || before?.TrustGuests == true);

    public static string HostName() => Clean(Environment.MachineName.Split('.')[0], "node");

    public static string UserName() => Clean(Environment.UserName, "me");

    private static string Clean(string name, string otherwise)
    {
        var clean = new string([.. name.Where(c => char.IsLetterOrDigit(c) || c is '.' or '-' or '_' or '@' or '+')]).TrimStart('.', '-', '_', '@', '+');
        return clean.Length == 0 ? otherwise : clean.Length > NameLengthMax ? clean[..NameLengthMax] : clean;
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;
using AkkaCompute.Cli.Commands;
using AkkaCompute.Cli.Doctor;
using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Roles;
using AkkaCompute.Cli.Run;

namespace AkkaCompute.Cli;

/// <summary>JSON that akc itself prints, beside the Lighthouse's views.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RoleReport))]
[JsonSerializable(typeof(LogLine))]
[JsonSerializable(typeof(UpView))]
[JsonSerializable(typeof(JoinView))]
[JsonSerializable(typeof(DownView))]
[JsonSerializable(typeof(JobFileView))]
[JsonSerializable(typeof(JobIdView))]
[JsonSerializable(typeof(FetchView))]
[JsonSerializable(typeof(List<DoctorCheck>))]
[JsonSerializable(typeof(JournalCheckView))]
[JsonSerializable(typeof(TopListView))]
internal sealed partial class CliJson : JsonSerializerContext;

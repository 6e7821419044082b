using System.Text.Json;
using System.Text.Json.Serialization;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.Protocol;

/// <summary>All JSON of the project that leaves a process, source-generated: camelCase, enums as strings, nulls left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(LinkMessage))]
[JsonSerializable(typeof(List<LinkMessage>))]
[JsonSerializable(typeof(Tree))]
[JsonSerializable(typeof(JobSpec))]
[JsonSerializable(typeof(TaskTemplate))]
[JsonSerializable(typeof(JoinRequest))]
[JsonSerializable(typeof(JoinChallenge))]
[JsonSerializable(typeof(JoinWelcome))]
[JsonSerializable(typeof(Beacon))]
[JsonSerializable(typeof(JobView))]
[JsonSerializable(typeof(List<JobView>))]
[JsonSerializable(typeof(TaskView))]
[JsonSerializable(typeof(List<TaskView>))]
[JsonSerializable(typeof(AttemptBegan))]
[JsonSerializable(typeof(AttemptFailed))]
[JsonSerializable(typeof(NodeView))]
[JsonSerializable(typeof(List<NodeView>))]
[JsonSerializable(typeof(WhyView))]
[JsonSerializable(typeof(TaskWhyView))]
[JsonSerializable(typeof(Messages.NodeOffer))]
[JsonSerializable(typeof(PoolView))]
[JsonSerializable(typeof(InviteView))]
[JsonSerializable(typeof(InviteRequest))]
[JsonSerializable(typeof(SubmitRequest))]
[JsonSerializable(typeof(SubmitReply))]
[JsonSerializable(typeof(RetryReply))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(Homes.Membership))]
[JsonSerializable(typeof(LocalNodeRequest))]
[JsonSerializable(typeof(LocalNodeReply))]
[JsonSerializable(typeof(List<string>))]
public sealed partial class ProtocolJson : JsonSerializerContext;

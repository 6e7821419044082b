using AkkaCompute.Lighthouse.Api;
using AkkaCompute.Lighthouse.Api.Streams;
using AkkaCompute.Lighthouse.Join;
using AkkaCompute.Lighthouse.Nodes;
using AkkaCompute.Protocol.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AkkaCompute.Lighthouse.Hosting;

/// <summary>Every route with who may use it.</summary>
internal sealed record LighthouseRoutes(
    JoinEndpoint Join, PoolEndpoints Pool, JobEndpoints Jobs, StreamEndpoint Streams, BlobEndpoints Blobs, LinkEndpoint Link)
{
    private const string Id = "{id}";

    public void Map(IEndpointRouteBuilder routes)
    {
        Get(Routes.Health, Access.Anyone, PoolEndpoints.HealthAsync);
        Post(Routes.Join, Access.Anyone, Join.PostAsync);
        Get(Routes.Pool, Access.Person, Pool.GetAsync);
        Post(Routes.Invites, Access.Owner, Pool.InviteAsync);
        Get(Routes.Nodes, Access.Person, Pool.NodesAsync);
        Post(Routes.Nodes, Access.Home, Pool.TakeLocalNodeAsync);
        Post(Routes.Shutdown, Access.Home, Pool.ShutdownAsync);
        Get(Routes.Jobs, Access.Person, Jobs.ListAsync);
        Post(Routes.Jobs, Access.Friend, Jobs.SubmitAsync);
        Get(Routes.Job(Id), Access.Person, Jobs.GetAsync);
        Post(Routes.Cancel(Id), Access.Friend, Jobs.CancelAsync);
        Post(Routes.Retry(Id), Access.Friend, Jobs.RetryAsync);
        Get(Routes.Why(Id), Access.Person, Jobs.WhyAsync);
        Get(Routes.TaskWhy(Id, "{task}"), Access.Person, Jobs.TaskWhyAsync);
        Get(Routes.Tasks(Id), Access.Person, Jobs.TasksAsync);
        Get(Routes.Stream(Id), Access.Person, Streams.GetAsync);
        Post(Routes.Stream(Id), Access.Person, Streams.PostAsync);
        Post(Routes.BlobsMissing, Access.FriendOrNode, Blobs.MissingAsync);
        Get(Routes.Blob("{digest}"), Access.PersonOrNode, Blobs.GetAsync);
        Map("PUT", Routes.Blob("{digest}"), Access.FriendOrNode, Blobs.PutAsync);
        Get(Routes.Link, Access.Node, Link.GetAsync);

        void Get(string pattern, Access access, RequestDelegate handle) => Map("GET", pattern, access, handle);
        void Post(string pattern, Access access, RequestDelegate handle) => Map("POST", pattern, access, handle);
        void Map(string method, string pattern, Access access, RequestDelegate handle) =>
            routes.MapMethods(pattern, [method], handle).WithMetadata(new AccessMark(access));
    }
}

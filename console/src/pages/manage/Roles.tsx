import { NamedPage } from '../shared/Named';

export default function Roles() {
  return <NamedPage kind="role" />;
}
